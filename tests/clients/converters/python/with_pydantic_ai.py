"""Sends tools as `pydantic-ai` does it, with three of its models."""

from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

from provider import Provider
from sending import main, report


def models(provider: str) -> dict[str, Model]:
    openai = OpenAIProvider(base_url=f"{provider}/v1", api_key="fake")
    return {
        "pydantic-ai-openai": OpenAIResponsesModel("gpt-4.1", provider=openai),
        "pydantic-ai-anthropic": AnthropicModel(
            "claude-sonnet-4-5", provider=AnthropicProvider(base_url=provider, api_key="fake")
        ),
        "pydantic-ai-google": GoogleModel(
            "gemini-2.5-flash", provider=GoogleProvider(base_url=provider, api_key="fake")
        ),
    }


async def script(url: str, names: list[str], provider: Provider) -> None:
    toolset = MCPToolset(url)
    async with toolset:
        for library, model in models(provider.url).items():

            async def ask(tool: str) -> None:
                only = toolset.filtered(lambda _, definition: definition.name == tool)
                await Agent(model, toolsets=[only]).run("hello")

            await report(library, names, provider, ask)


main(script)
