"""Sends tools as `openai-agents` does it, converted to strict schemas."""

from agents import Agent, OpenAIResponsesModel, Runner, set_tracing_disabled
from agents.mcp import MCPServerStreamableHttp
from openai import AsyncOpenAI

from provider import Provider
from sending import main, report


async def script(url: str, names: list[str], provider: Provider) -> None:
    set_tracing_disabled(True)
    client = AsyncOpenAI(api_key="fake", base_url=f"{provider.url}/v1", max_retries=0)
    model = OpenAIResponsesModel("gpt-4.1", client)
    current = ""
    server = MCPServerStreamableHttp(
        {"url": url}, cache_tools_list=True, tool_filter=lambda _, tool: tool.name == current
    )

    async def ask(tool: str) -> None:
        nonlocal current
        current = tool
        config = {"convert_schemas_to_strict": True}
        await Runner.run(Agent("tests", model=model, mcp_servers=[server], mcp_config=config), "hello")

    async with server:
        await report("openai-agents-python", names, provider, ask)


main(script)
