"""Sends tools as `langchain-mcp-adapters` and three of LangChain's models do it."""

import sys
from pathlib import Path
from typing import Any

from langchain_anthropic import ChatAnthropic
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_openai import ChatOpenAI

sys.path.append(str(Path(__file__).parent.parent / "python"))
from provider import Provider  # noqa: E402
from sending import main, report  # noqa: E402


def models(provider: str) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Makes each model, with the options of `bind_tools`."""
    openai = ChatOpenAI(model="gpt-4.1", base_url=f"{provider}/v1", api_key="fake", max_retries=0)
    return {
        "langchain-openai": (openai, {}),
        "langchain-openai-strict": (openai, {"strict": True}),
        "langchain-google": (
            ChatGoogleGenerativeAI(model="gemini-2.5-flash", base_url=provider, api_key="fake", max_retries=0),
            {},
        ),
        "langchain-anthropic": (
            ChatAnthropic(model="claude-sonnet-4-5", base_url=provider, api_key="fake", max_retries=0),
            {},
        ),
    }


async def script(url: str, names: list[str], provider: Provider) -> None:
    client = MultiServerMCPClient({"toolcell": {"transport": "streamable_http", "url": url}})
    tools = {tool.name: tool for tool in await client.get_tools()}
    for library, (model, options) in models(provider.url).items():

        async def ask(tool: str) -> None:
            await model.bind_tools([tools[tool]], **options).ainvoke("hello")

        await report(library, names, provider, ask)


main(script)
