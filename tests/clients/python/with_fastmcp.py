"""Runs the stories with the client of fastmcp, with each way to negotiate a revision.

    python with_fastmcp.py samples|conformance|quiet URL|stdio:CONFIG

TOOLCELL_TOKEN is the token that it shows, if any.
"""

import asyncio
import os
from pathlib import Path
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import ClientTransport, StdioTransport, StreamableHttpTransport
from mcp.client import session
from mcp_types import CallToolResult, Completion, ElicitResult, GetPromptResult, Prompt, Resource, ResourceTemplate, Tool

from story import NEGOTIATIONS, TIMEOUT_SECONDS, Listen, command, command_line, headers, tell
from story.user import User


class Fast:
    def __init__(self, client: Client, mode: str, revision: str, user: User) -> None:
        self.name = f"fastmcp, {mode}"
        self.revision = revision
        self.user = user
        self.client = client

    def negotiated(self) -> str | None:
        return self.client.protocol_version

    async def list_tools(self) -> list[Tool]:
        return await self.client.list_tools()

    async def call_tool(self, name: str, args: dict[str, Any], listen: Listen | None = None) -> CallToolResult:
        return await self.client.call_tool_mcp(name, args, progress_handler=listen)

    async def list_resources(self) -> list[Resource]:
        return await self.client.list_resources()

    async def list_templates(self) -> list[ResourceTemplate]:
        return await self.client.list_resource_templates()

    async def read_resource(self, uri: str) -> list[Any]:
        return await self.client.read_resource(uri)

    async def list_prompts(self) -> list[Prompt]:
        return await self.client.list_prompts()

    async def get_prompt(self, name: str, args: dict[str, str] | None = None) -> GetPromptResult:
        return await self.client.get_prompt(name, args)

    async def complete(self, ref: Any, argument: dict[str, str]) -> Completion:
        return await self.client.complete(ref, argument)


def connection(user: User, url: str, mode: str) -> Client:
    """Makes a client that supports every kind of question."""

    async def elicit(message: str, _type: type | None, params: Any, _context: Any) -> ElicitResult:
        return user.answer(message, params.requested_schema)

    async def quiet(_: Any) -> None:
        pass

    return Client(
        transport(url),
        mode=mode,
        timeout=TIMEOUT_SECONDS,
        elicitation_handler=elicit,
        sampling_handler=lambda messages, _params, _context: user.sample(messages),
        log_handler=quiet,
        roots=["file:///work"],
    )


def transport(url: str) -> ClientTransport:
    started = command(url)
    if started is None:
        return StreamableHttpTransport(url, headers=headers())
    program, args, environment = started
    return StdioTransport(program, args, env=environment, keep_alive=False, log_file=Path(os.devnull))


async def main(story: str, url: str) -> None:
    for mode, revision in NEGOTIATIONS:
        user = User()
        async with connection(user, url, mode) as client:
            await tell(story, Fast(client, mode, revision, user))


# Over stdio, the time includes the start of a debug build.
session.DISCOVER_TIMEOUT_SECONDS = TIMEOUT_SECONDS

asyncio.run(main(*command_line()))
