"""Sends each tool of a server to a model provider, as a library does it, and prints what the provider was sent.

A line for each tool and library: {"library", "tool", "sent"}, or {"library", "tool", "error"} if the library threw.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from provider import Provider

sys.path.append(str(Path(__file__).parent.parent.parent))
from official_session import connect  # noqa: E402

Ask = Callable[[str], Awaitable[Any]]
Script = Callable[[str, list[str], Provider], Awaitable[None]]


async def tool_names(url: str) -> list[str]:
    async with connect(url) as session:
        return [tool.name for tool in (await session.list_tools()).tools]


def sent_tools(body: dict[str, Any]) -> list[dict[str, Any]]:
    sent = []
    for tool in body.get("tools") or []:
        sent += tool.get("functionDeclarations") or [tool.get("function") or tool]
    return sent


async def report(library: str, names: list[str], provider: Provider, ask: Ask) -> None:
    """Prints what a library sends for each tool. `ask(tool)` must ask the model once, with this tool alone."""
    for tool in names:
        try:
            await ask(tool)
            sent = sent_tools(provider.take() or {})
            line = {"sent": sent[0]} if len(sent) == 1 else {"error": f"the library sent {len(sent)} tools"}
        except Exception as error:  # whatever a library throws is what the matrix shows
            line = {"error": str(error) or type(error).__name__}
        provider.take()
        print(json.dumps({"library": library, "tool": tool, **line}), flush=True)


def main(script: Script) -> None:
    """Runs a script for the URL of its command line, with a provider."""

    async def run(url: str) -> None:
        await script(url, await tool_names(url), Provider())

    if len(sys.argv) != 2:
        sys.exit("usage: python SCRIPT URL")
    asyncio.run(run(sys.argv[1]))
