"""Sends tools as the helpers for MCP in `anthropic` do it."""

from anthropic import AsyncAnthropic
from anthropic.lib.tools.mcp import async_mcp_tool

from provider import Provider
from sending import connect, main, report


async def script(url: str, names: list[str], provider: Provider) -> None:
    client = AsyncAnthropic(api_key="fake", base_url=provider.url, max_retries=0)
    async with connect(url) as session:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}

        async def ask(tool: str) -> None:
            runner = client.beta.messages.tool_runner(
                model="claude-sonnet-4-5",
                max_tokens=100,
                messages=[{"role": "user", "content": "hello"}],
                tools=[async_mcp_tool(tools[tool], session)],
            )
            await runner.until_done()

        await report("anthropic-python", names, provider, ask)


main(script)
