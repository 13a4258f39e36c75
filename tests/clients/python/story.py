"""What the official Python client does with the sample server (toolcell.toml), in each way to negotiate a revision.

    python story.py URL

TOOLCELL_TOKEN is the token that it shows, if any.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

NEGOTIATIONS = [("auto", "2026-07-28"), ("2026-07-28", "2026-07-28"), ("legacy", "2025-11-25")]

INVALID_PARAMS = -32602

# A call counts primes for some seconds in a debug build.
TIMEOUT_SECONDS = 60


async def negotiates_the_revision(client: Client, revision: str) -> None:
    equal(client.protocol_version, revision)


async def lists_tools_with_their_schemas(client: Client, _: str) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    for name in ["make_slug", "count_text", "count_primes", "read_lines", "gallery_greet"]:
        holds(name in tools, f"{name} is missing from {list(tools)}")
    slug = tools["make_slug"]
    holds(slug.description.startswith("Turns a title into a slug"), slug.description)
    equal(slug.input_schema["required"], ["text"])
    equal(slug.input_schema["properties"]["max_length"]["default"], 80)


async def calls_a_tool_that_returns_text(client: Client, _: str) -> None:
    result = await client.call_tool("make_slug", {"text": "Crème Brûlée: the recipe"})
    holds(not result.is_error, result)
    equal(result.content[0].text, "creme-brulee-the-recipe")


async def calls_a_tool_that_returns_a_record(client: Client, _: str) -> None:
    result = await client.call_tool("count_text", {"text": "two words\n"})
    holds(not result.is_error, result)
    equal(result.structured_content["words"], 2)
    equal(json.loads(result.content[0].text), result.structured_content)


async def is_told_of_a_tools_own_error(client: Client, _: str) -> None:
    result = await client.call_tool("make_slug", {"text": "…"})
    holds(result.is_error and "nothing_left" in result.content[0].text, result)


async def is_told_of_a_wrong_argument(client: Client, _: str) -> None:
    result = await client.call_tool("make_slug", {"text": "a", "max_length": -1})
    holds(result.is_error and "max_length" in result.content[0].text, result)


async def gets_a_protocol_error_for_an_unknown_tool(client: Client, _: str) -> None:
    try:
        result = await client.call_tool("no_such_tool", {})
    except MCPError as error:
        equal(error.code, INVALID_PARAMS)
    else:
        raise AssertionError(f"an unknown tool was called: {result}")


async def hears_of_progress(client: Client, _: str) -> None:
    heard = []

    async def listen(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    result = await client.call_tool("count_primes", {"limit": 10_000_000}, progress_callback=listen)
    equal(result.structured_content["count"], 664_579)
    holds(len(heard) >= 3, heard)
    holds(all(total == 10_000_000 for _, total, _ in heard), heard)
    holds(all(a[0] < b[0] for a, b in zip(heard, heard[1:])), heard)


CHECKS: list[Callable[[Client, str], Awaitable[None]]] = [
    negotiates_the_revision,
    lists_tools_with_their_schemas,
    calls_a_tool_that_returns_text,
    calls_a_tool_that_returns_a_record,
    is_told_of_a_tools_own_error,
    is_told_of_a_wrong_argument,
    gets_a_protocol_error_for_an_unknown_tool,
    hears_of_progress,
]


def equal(found: object, expected: object) -> None:
    holds(found == expected, f"expected {expected!r}, found {found!r}")


def holds(condition: bool, explanation: object) -> None:
    if not condition:
        raise AssertionError(explanation)


async def tell(url: str, mode: str, revision: str) -> None:
    """Runs the story; prints a line per check, raises at the first failure."""
    token = os.environ.get("TOOLCELL_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    guise = ", with a token" if token else ""
    async with (
        httpx2.AsyncClient(headers=headers, timeout=TIMEOUT_SECONDS) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        for check in CHECKS:
            label = f"python client, {mode}{guise}: {check.__name__.replace('_', ' ')}"
            try:
                await check(client, revision)
            except BaseException:
                print(f"FAILED  {label}", flush=True)
                raise
            print(f"ok      {label}", flush=True)


async def main(url: str) -> None:
    for mode, revision in NEGOTIATIONS:
        await tell(url, mode, revision)


if len(sys.argv) != 2:
    sys.exit(f"usage: python {sys.argv[0]} URL")
asyncio.run(main(sys.argv[1]))
