"""Reads results, and checks them."""

from collections.abc import Awaitable
from typing import Any

from mcp import MCPError
from mcp_types import CallToolResult

from story import LEGACY

INVALID_PARAMS = -32602
RESOURCE_NOT_FOUND = -32002


def equal(found: object, expected: object) -> None:
    holds(found == expected, f"expected {expected!r}, found {found!r}")


def holds(condition: bool, explanation: object) -> None:
    if not condition:
        raise AssertionError(explanation)


def text(result: CallToolResult) -> str:
    """Returns the only text of a result that is not an error."""
    holds(not result.is_error and len(result.content) == 1, result)
    return result.content[0].text


def named(elements: list[Any], name: str) -> Any:
    """Returns the element with a name, which must exist."""
    names = [element.name for element in elements]
    holds(name in names, f"{name} is missing from {names}")
    return elements[names.index(name)]


def not_found(revision: str) -> int:
    """Returns the error code for a missing resource."""
    return RESOURCE_NOT_FOUND if revision == LEGACY else INVALID_PARAMS


async def refused(request: Awaitable[Any], code: int, words: str) -> None:
    """Expects a protocol error with a code and words."""
    try:
        result = await request
    except MCPError as error:
        equal(error.code, code)
        holds(words in str(error), error)
    else:
        raise AssertionError(f"expected error {code}, found {result!r}")
