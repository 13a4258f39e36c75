"""Makes each library ready for the story, by the name that ../libraries.json gives it, in its oldest or newest version."""

import inspect
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from story import Answer, Heard

sys.path.append(str(Path(__file__).parent.parent.parent))  # for official_session


def joined(content: Any) -> str:
    """Joins the text of content."""
    blocks = content if isinstance(content, list) else [content]
    return "\n".join(part if isinstance(part, str) else getattr(part, "text", str(part)) for part in blocks)


def failed(result: Any) -> bool:
    """Reads a field that was renamed."""
    return bool(getattr(result, "is_error", getattr(result, "isError", False)))


async def caught(answer: Awaitable[Answer]) -> Answer:
    """Turns whatever a library throws into an answer that failed."""
    try:
        return await answer
    except Exception as error:
        return str(error), True


class Official:
    """The official SDK's session, which others hand out as well."""

    progress = True
    unknown = True

    def __init__(self, session: Any) -> None:
        self.session = session

    async def names(self) -> list[str]:
        return [tool.name for tool in (await self.session.list_tools()).tools]

    async def call(self, name: str, arguments: dict[str, Any], heard: Heard | None = None) -> Answer:
        async def listen(done: float, total: float | None, *_: Any) -> None:
            if heard:
                heard(done, total)

        options: dict[str, Any] = {"progress_callback": listen} if heard and self.progress else {}

        async def answer() -> Answer:
            result = await self.session.call_tool(name, arguments, **options)
            return joined(result.content), failed(result)

        return await caught(answer())


@asynccontextmanager
async def mcp(url: str) -> AsyncIterator[Any]:
    """Version 1.8.0 has no callback for progress."""
    from official_session import connect

    async with connect(url) as session:
        library = Official(session)
        library.progress = "progress_callback" in inspect.signature(session.call_tool).parameters
        yield library


@asynccontextmanager
async def fastmcp(url: str) -> AsyncIterator[Any]:
    from fastmcp import Client
    from fastmcp.client.transports import StreamableHttpTransport

    class Fast(Official):
        progress = "progress_handler" in inspect.signature(Client.call_tool).parameters

        async def names(self) -> list[str]:
            return [tool.name for tool in await self.session.list_tools()]

        async def call(self, name: str, arguments: dict[str, Any], heard: Heard | None = None) -> Answer:
            async def listen(done: float, total: float | None, *_: Any) -> None:
                if heard:
                    heard(done, total)

            options: dict[str, Any] = {"progress_handler": listen} if heard else {}

            async def answer() -> Answer:
                result = await self.session.call_tool(name, arguments, **options)
                return joined(getattr(result, "content", result)), False

            return await caught(answer())

    async with Client(StreamableHttpTransport(url)) as client:
        yield Fast(client)


@asynccontextmanager
async def langchain(url: str) -> AsyncIterator[Any]:
    from langchain_mcp_adapters.client import MultiServerMCPClient

    class Adapters:
        progress = False
        unknown = False

        def __init__(self, tools: list[Any]) -> None:
            self.tools = {tool.name: tool for tool in tools}

        async def names(self) -> list[str]:
            return list(self.tools)

        async def call(self, name: str, arguments: dict[str, Any], heard: Heard | None = None) -> Answer:
            async def answer() -> Answer:
                said = await self.tools[name].ainvoke(arguments)
                blocks = [part["text"] if isinstance(part, dict) else part for part in (said if isinstance(said, list) else [said])]
                return joined(blocks), None if name == "test_error_handling" else False

            return await caught(answer())

    client = MultiServerMCPClient({"toolcell": {"transport": "streamable_http", "url": url}})
    yield Adapters(await client.get_tools())


@asynccontextmanager
async def openai_agents(url: str) -> AsyncIterator[Any]:
    from agents.mcp import MCPServerStreamableHttp

    class Agents(Official):
        progress = False

        async def names(self) -> list[str]:
            return [tool.name for tool in await self.session.list_tools()]

    async with MCPServerStreamableHttp({"url": url}) as server:
        yield Agents(server)


@asynccontextmanager
async def pydantic_ai(url: str) -> AsyncIterator[Any]:
    try:
        from pydantic_ai.mcp import MCPServerStreamableHTTP as Server
    except ImportError:
        from pydantic_ai.mcp import MCPToolset as Server

    class Pydantic(Official):
        """It raises what a tool reports as an error, and hands out results as they are."""

        progress = False

        async def names(self) -> list[str]:
            return [tool.name for tool in await self.session.list_tools()]

        async def call(self, name: str, arguments: dict[str, Any], heard: Heard | None = None) -> Answer:
            call = getattr(self.session, "direct_call_tool", self.session.call_tool)

            async def answer() -> Answer:
                return joined(await call(name, arguments)), False

            return await caught(answer())

    async with Server(url) as server:
        yield Pydantic(server)


@asynccontextmanager
async def mcp_use(url: str) -> AsyncIterator[Any]:
    from mcp_use import MCPClient

    class Use(Official):
        progress = False

        async def names(self) -> list[str]:
            return [tool.name for tool in await self.session.list_tools()]

    client = MCPClient.from_dict({"mcpServers": {"toolcell": {"url": url}}})
    session = await client.create_session("toolcell")
    yield Use(session if hasattr(session, "call_tool") else session.connector)
    await client.close_all_sessions()


@asynccontextmanager
async def mcpadapt(url: str) -> AsyncIterator[Any]:
    """It adapts each tool for a framework; this one takes the function that calls the tool."""
    from mcpadapt.core import MCPAdapt, ToolAdapter

    class Plain(ToolAdapter):
        def adapt(self, func: Any, mcp_tool: Any) -> Any:
            return mcp_tool.name, func

        def async_adapt(self, afunc: Any, mcp_tool: Any) -> Any:
            return mcp_tool.name, afunc

    class Adapted(Official):
        progress = False
        unknown = False

        async def names(self) -> list[str]:
            return list(self.session)

        async def call(self, name: str, arguments: dict[str, Any], heard: Heard | None = None) -> Answer:
            async def answer() -> Answer:
                result = await self.session[name](arguments)
                return joined(result.content), failed(result)

            return await caught(answer())

    async with MCPAdapt({"url": url, "transport": "streamable-http"}, Plain()) as tools:
        yield Adapted(dict(tools))
