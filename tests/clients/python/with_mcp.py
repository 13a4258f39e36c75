"""Runs the stories with the official Python client, with each way to negotiate a revision.

    python with_mcp.py samples|conformance|quiet URL|stdio:CONFIG

TOOLCELL_TOKEN is the token that it shows, if any.
"""

import asyncio
import os
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client import session
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, Completion, CreateMessageResult, ElicitResult, GetPromptResult, ListRootsResult
from mcp_types import Prompt, Resource, ResourceTemplate, Root, TextContent, Tool

from story import NEGOTIATIONS, TIMEOUT_SECONDS, Listen, command, command_line, headers, tell
from story.user import User


class Official:
    def __init__(self, client: Client, mode: str, revision: str, user: User) -> None:
        self.name = f"python client, {mode}"
        self.revision = revision
        self.user = user
        self.client = client

    def negotiated(self) -> str | None:
        return self.client.protocol_version

    async def list_tools(self) -> list[Tool]:
        return (await self.client.list_tools()).tools

    async def call_tool(self, name: str, args: dict[str, Any], listen: Listen | None = None) -> CallToolResult:
        return await self.client.call_tool(name, args, progress_callback=listen)

    async def list_resources(self) -> list[Resource]:
        return (await self.client.list_resources()).resources

    async def list_templates(self) -> list[ResourceTemplate]:
        return (await self.client.list_resource_templates()).resource_templates

    async def read_resource(self, uri: str) -> list[Any]:
        return (await self.client.read_resource(uri)).contents

    async def list_prompts(self) -> list[Prompt]:
        return (await self.client.list_prompts()).prompts

    async def get_prompt(self, name: str, args: dict[str, str] | None = None) -> GetPromptResult:
        return await self.client.get_prompt(name, args)

    async def complete(self, ref: Any, argument: dict[str, str]) -> Completion:
        return (await self.client.complete(ref, argument)).completion


def connection(user: User, http: httpx2.AsyncClient, url: str, mode: str) -> Client:
    """Makes a client that supports every kind of question."""

    async def elicit(_: Any, params: Any) -> ElicitResult:
        return user.answer(params.message, params.requested_schema)

    async def sample(_: Any, params: Any) -> CreateMessageResult:
        content = TextContent(type="text", text=user.sample(params.messages))
        return CreateMessageResult(role="assistant", model="tests", content=content)

    async def roots(_: Any) -> ListRootsResult:
        return ListRootsResult(roots=[Root(uri="file:///work")])

    return Client(
        transport(http, url),
        mode=mode,
        elicitation_callback=elicit,
        sampling_callback=sample,
        list_roots_callback=roots,
    )


def transport(http: httpx2.AsyncClient, url: str) -> Any:
    started = command(url)
    if started is None:
        return streamable_http_client(url, http_client=http)
    program, args, environment = started
    return stdio_client(StdioServerParameters(command=program, args=args, env=environment), errlog=open(os.devnull, "w"))


async def main(story: str, url: str) -> None:
    for mode, revision in NEGOTIATIONS:
        user = User()
        async with (
            httpx2.AsyncClient(headers=headers(), timeout=TIMEOUT_SECONDS) as http,
            connection(user, http, url, mode) as client,
        ):
            await tell(story, Official(client, mode, revision, user))


# Over stdio, the time includes the start of a debug build.
session.DISCOVER_TIMEOUT_SECONDS = TIMEOUT_SECONDS

asyncio.run(main(*command_line()))
