"""Sends tools as `google-adk` does it, with a Gemini model."""

import os

from google.adk.agents import LlmAgent
from google.adk.runners import InMemoryRunner
from google.adk.tools.mcp_tool.mcp_session_manager import StreamableHTTPConnectionParams
from google.adk.tools.mcp_tool.mcp_toolset import McpToolset
from google.genai import types

from provider import Provider
from sending import main, report


async def script(url: str, names: list[str], provider: Provider) -> None:
    os.environ |= {"GOOGLE_API_KEY": "fake", "GOOGLE_GEMINI_BASE_URL": provider.url}

    async def ask(tool: str) -> None:
        toolset = McpToolset(connection_params=StreamableHTTPConnectionParams(url=url, timeout=300), tool_filter=[tool])
        agent = LlmAgent(name="tests", model="gemini-2.5-flash", tools=[toolset])
        runner = InMemoryRunner(agent=agent, app_name="tests")
        session = await runner.session_service.create_session(app_name="tests", user_id="tests")
        message = types.Content(role="user", parts=[types.Part(text="hello")])
        async for event in runner.run_async(user_id="tests", session_id=session.id, new_message=message):
            if event.error_message:
                raise RuntimeError(event.error_message)
        await runner.close()

    await report("google-adk", names, provider, ask)


main(script)
