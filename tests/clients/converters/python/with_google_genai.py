"""Sends tools as `google-genai` does it.

It is handed the tools of a session, not the session: it copies its configuration, and a session of `mcp` 2 cannot be copied.
Both ways go through the same conversion.
"""

from google import genai
from google.genai import types

from provider import Provider
from sending import connect, main, report


async def script(url: str, names: list[str], provider: Provider) -> None:
    client = genai.Client(api_key="fake", http_options=types.HttpOptions(base_url=provider.url))
    async with connect(url) as session:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}

        async def ask(tool: str) -> None:
            config = types.GenerateContentConfig(tools=[tools[tool]])
            await client.aio.models.generate_content(model="gemini-2.5-flash", contents="hello", config=config)

        await report("google-genai-python", names, provider, ask)


main(script)
