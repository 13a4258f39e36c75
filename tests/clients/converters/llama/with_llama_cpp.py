"""Prints the grammar that llama.cpp makes of each tool's schema, by the converter in the sources of `llama-cpp-python`.

    python3 with_llama_cpp.py URL

The converter is one module of the archive, which imports nothing of the rest; nothing is compiled. Its grammar decides
what a model can write at all.
"""

import importlib.util
import json
import sys
import urllib.request
from pathlib import Path
from types import ModuleType
from typing import Any

CONVERTER = Path(__file__).parent / ".sources/llama_cpp/llama_grammar.py"


def converter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("llama_grammar", CONVERTER)
    if not spec or not spec.loader or not CONVERTER.exists():
        sys.exit(f"{CONVERTER} is missing; run tests/setup.sh converters")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tools(url: str) -> list[dict[str, Any]]:
    headers = {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2025-11-25",
    }
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": cursor}
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as response:
            result = json.loads(response.read())["result"]
        found += result["tools"]
        if "nextCursor" not in result:
            return found
        cursor = {"cursor": result["nextCursor"]}


def main(url: str) -> None:
    convert = converter().json_schema_to_gbnf
    for tool in tools(url):
        try:
            line: dict[str, Any] = {"sent": {"name": tool["name"], "grammar": convert(json.dumps(tool["inputSchema"]))}}
        except Exception as error:  # whatever a library throws is what the matrix shows
            line = {"error": str(error) or type(error).__name__}
        print(json.dumps({"library": "llama-cpp", "tool": tool["name"], **line}))


if __name__ == "__main__":
    main(sys.argv[1])
