"""Runs a story, which is a list of checks: each check prints a line, and the first that fails ends it."""

import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from mcp_types import CallToolResult, Completion, GetPromptResult, Prompt, Resource, ResourceTemplate, Tool

from story.user import User

Listen = Callable[[float, float | None, str | None], Awaitable[None]]
Check = Callable[["Driver"], Awaitable[None]]

# Begins in place of a URL the configuration that the client serves itself, over the pipes of the command.
STDIO = "stdio:"

# Longer than any call of a story: a quiet one takes a minute.
TIMEOUT_SECONDS = 120

LEGACY = "2025-11-25"
MODERN = "2026-07-28"
NEGOTIATIONS = [("auto", MODERN), (MODERN, MODERN), ("legacy", LEGACY)]


class Driver(Protocol):
    """A connected client, as the checks use it."""

    name: str
    revision: str
    user: User

    def negotiated(self) -> str | None: ...
    async def list_tools(self) -> list[Tool]: ...
    async def call_tool(self, name: str, args: dict[str, Any], listen: Listen | None = None) -> CallToolResult: ...
    async def list_resources(self) -> list[Resource]: ...
    async def list_templates(self) -> list[ResourceTemplate]: ...
    async def read_resource(self, uri: str) -> list[Any]: ...
    async def list_prompts(self) -> list[Prompt]: ...
    async def get_prompt(self, name: str, args: dict[str, str] | None = None) -> GetPromptResult: ...
    async def complete(self, ref: Any, argument: dict[str, str]) -> Completion: ...


def headers() -> dict[str, str]:
    """Returns the headers of each request: the token of TOOLCELL_TOKEN, if it is set."""
    token = os.environ.get("TOOLCELL_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def command(url: str) -> tuple[str, list[str], dict[str, str]] | None:
    """Returns the command that a client starts in place of connecting to a URL, its arguments and its environment."""
    if not url.startswith(STDIO):
        return None
    toolcell = os.environ.get("TOOLCELL") or str(Path(__file__).parents[4] / "target/debug/toolcell")
    environment = {name: os.environ[name] for name in ("TOOLCELL_TOKEN",) if name in os.environ}
    return toolcell, ["serve", "--stdio", "--config", url.removeprefix(STDIO)], environment


def command_line() -> tuple[str, str]:
    """Reads the story, and the URL of the server or `stdio:CONFIG`, from the command line."""
    if len(sys.argv) != 3 or sys.argv[1] not in ("samples", "conformance", "quiet"):
        sys.exit(f"usage: python {sys.argv[0]} samples|conformance|quiet URL")
    return sys.argv[1], sys.argv[2]


async def tell(story: str, driver: Driver) -> None:
    """Runs a story: prints a line for each check, and raises at the first failure."""
    pipes = ", over stdio" if command(sys.argv[2]) else ""
    guise = f"{pipes}, with a token" if headers() else pipes
    for check in checks(story, driver.revision):
        label = f"{driver.name}{guise}: {check.__name__.replace('_', ' ')}"
        try:
            await check(driver)
        except BaseException:
            print(f"FAILED  {label}", flush=True)
            raise
        print(f"ok      {label}", flush=True)


def checks(story: str, revision: str) -> list[Check]:
    """Returns the checks of a story, in order."""
    from story import asking, prompts, quiet, resources, samples, tools

    if story in ("samples", "quiet"):
        return {"samples": samples, "quiet": quiet}[story].CHECKS
    questions = asking.UNANSWERABLE if revision == LEGACY else asking.ANSWERED
    return [*tools.CHECKS, *resources.CHECKS, *prompts.CHECKS, *questions]
