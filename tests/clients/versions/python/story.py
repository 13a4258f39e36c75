"""Runs a story with a library: list, call, fail and stream. Each check prints a line; the first that fails ends it.

It is the story of ../node/story.mjs, whose names the checks share.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

SILENT_MS = 2500  # longer than the server's heartbeat, so that the response becomes a stream
ERROR = "This tool intentionally returns an error for testing"

# What was answered, and whether the library says that it failed; None if it does not say.
Answer = tuple[str, bool | None]
Heard = Callable[[float, float | None], None]


class Library(Protocol):
    """`progress` and `unknown` say whether the library has means to hear of progress and to call an unlisted tool."""

    progress: bool
    unknown: bool

    async def names(self) -> list[str]: ...

    async def call(self, name: str, arguments: dict[str, Any], heard: Heard | None = None) -> Answer: ...


def equal(found: object, expected: object) -> None:
    if found != expected:
        raise AssertionError(f"expected {expected!r}, found {found!r}")


async def lists_the_tools(library: Library) -> None:
    names = await library.names()
    equal({"test_simple_text", "test_tool_with_progress", "hostile_sleep"} - set(names), set())


async def calls_a_tool(library: Library) -> None:
    equal(await library.call("test_simple_text", {}), ("This is a simple text response for testing.", False))


async def is_told_of_a_tools_own_error(library: Library) -> None:
    text, failed = await library.call("test_error_handling", {})
    equal((ERROR in text, failed is False), (True, False))


async def is_told_of_an_unknown_tool(library: Library) -> None:
    text, failed = await library.call("no_such_tool", {})
    equal(("no_such_tool" in text, failed), (True, True))


async def waits_for_a_silent_call(library: Library) -> None:
    equal(await library.call("hostile_sleep", {"milliseconds": SILENT_MS}), ("slept", False))


async def hears_of_progress(library: Library) -> None:
    heard: list[tuple[float, float | None]] = []
    text, _ = await library.call("test_tool_with_progress", {}, lambda done, total: heard.append((done, total)))
    equal((text, heard), ("Progress was reported.", [(0, 100), (50, 100), (100, 100)]))


CHECKS: dict[str, Callable[[Library], Awaitable[None]]] = {
    "lists the tools": lists_the_tools,
    "calls a tool": calls_a_tool,
    "is told of a tool's own error": is_told_of_a_tools_own_error,
    "is told of an unknown tool": is_told_of_an_unknown_tool,
    "waits for a silent call, whose response is a stream": waits_for_a_silent_call,
    "hears of progress": hears_of_progress,
}


async def tell(name: str, library: Library) -> None:
    for check, run in CHECKS.items():
        unable = (run is is_told_of_an_unknown_tool and not library.unknown) or (
            run is hears_of_progress and not library.progress
        )
        if unable:
            print(f"--      {name}: {check}: the library has no means for it", flush=True)
            continue
        try:
            await run(library)
        except BaseException:
            print(f"FAILED  {name}: {check}", flush=True)
            raise
        print(f"ok      {name}: {check}", flush=True)
