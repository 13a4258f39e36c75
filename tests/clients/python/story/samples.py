"""Checks against the sample plugins (toolcell.toml)."""

import json

from story import Check, Driver
from story.expecting import INVALID_PARAMS, equal, holds, refused


async def negotiates_the_revision(client: Driver) -> None:
    equal(client.negotiated(), client.revision)


async def lists_tools_with_their_schemas(client: Driver) -> None:
    tools = {tool.name: tool for tool in await client.list_tools()}
    for name in ["make_slug", "count_text", "count_primes", "read_lines", "gallery_greet"]:
        holds(name in tools, f"{name} is missing from {list(tools)}")
    slug = tools["make_slug"]
    holds(slug.description.startswith("Turns a title into a slug"), slug.description)
    equal(slug.input_schema["required"], ["text"])
    equal(slug.input_schema["properties"]["max_length"]["default"], 80)


async def calls_a_tool_that_returns_text(client: Driver) -> None:
    result = await client.call_tool("make_slug", {"text": "Crème Brûlée: the recipe"})
    holds(not result.is_error, result)
    equal(result.content[0].text, "creme-brulee-the-recipe")


async def calls_a_tool_that_returns_a_record(client: Driver) -> None:
    result = await client.call_tool("count_text", {"text": "two words\n"})
    holds(not result.is_error, result)
    equal(result.structured_content["words"], 2)
    equal(json.loads(result.content[0].text), result.structured_content)


async def is_told_of_a_tools_own_error(client: Driver) -> None:
    result = await client.call_tool("make_slug", {"text": "…"})
    holds(result.is_error and "nothing_left" in result.content[0].text, result)


async def is_told_of_a_wrong_argument(client: Driver) -> None:
    result = await client.call_tool("make_slug", {"text": "a", "max_length": -1})
    holds(result.is_error and "max_length" in result.content[0].text, result)


async def gets_a_protocol_error_for_an_unknown_tool(client: Driver) -> None:
    await refused(client.call_tool("no_such_tool", {}), INVALID_PARAMS, "unknown tool")


async def hears_of_progress(client: Driver) -> None:
    heard = []

    async def listen(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    result = await client.call_tool("count_primes", {"limit": 10_000_000}, listen)
    equal(result.structured_content["count"], 664_579)
    holds(len(heard) >= 3, heard)
    holds(all(total == 10_000_000 for _, total, _ in heard), heard)
    holds(all(a[0] < b[0] for a, b in zip(heard, heard[1:])), heard)


CHECKS: list[Check] = [
    negotiates_the_revision,
    lists_tools_with_their_schemas,
    calls_a_tool_that_returns_text,
    calls_a_tool_that_returns_a_record,
    is_told_of_a_tools_own_error,
    is_told_of_a_wrong_argument,
    gets_a_protocol_error_for_an_unknown_tool,
    hears_of_progress,
]
