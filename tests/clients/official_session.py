"""Connects the official Python client, in whatever version an environment has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp import ClientSession

try:
    from mcp.client.streamable_http import streamable_http_client as transport
except ImportError:  # before version 2
    from mcp.client.streamable_http import streamablehttp_client as transport


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[ClientSession]:
    async with transport(url) as streams, ClientSession(streams[0], streams[1]) as session:
        await session.initialize()
        yield session
