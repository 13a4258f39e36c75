"""Lists the tools of a server without a client library."""

import json
import urllib.request
from typing import Any

HEADERS = {
    "content-type": "application/json",
    "accept": "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
}


def tool_list(url: str) -> list[dict[str, Any]]:
    """Lists all tools, page by page."""
    found: list[dict[str, Any]] = []
    parameters: dict[str, str] = {}
    while True:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": parameters}
        request = urllib.request.Request(url, json.dumps(body).encode(), HEADERS)
        with urllib.request.urlopen(request) as response:
            result = json.loads(response.read())["result"]
        found += result["tools"]
        if "nextCursor" not in result:
            return found
        parameters = {"cursor": result["nextCursor"]}
