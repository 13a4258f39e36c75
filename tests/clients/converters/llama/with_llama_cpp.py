"""Prints the grammar that llama.cpp makes of each tool's schema, by the converter in the sources of `llama-cpp-python`.

    python3 with_llama_cpp.py URL

The converter is one module of the archive, which imports nothing of the rest; nothing is compiled. Its grammar decides
what a model can write at all.
"""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.append(str(Path(__file__).parent.parent.parent))
from tool_list import tool_list  # noqa: E402

CONVERTER = Path(__file__).parent / ".sources/llama_cpp/llama_grammar.py"


def converter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("llama_grammar", CONVERTER)
    if not spec or not spec.loader or not CONVERTER.exists():
        sys.exit(f"{CONVERTER} is missing; run tests/setup.sh clients")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(url: str) -> None:
    convert = converter().json_schema_to_gbnf
    for tool in tool_list(url):
        try:
            line: dict[str, Any] = {"sent": {"name": tool["name"], "grammar": convert(json.dumps(tool["inputSchema"]))}}
        except Exception as error:  # whatever a library throws is what the matrix shows
            line = {"error": str(error) or type(error).__name__}
        print(json.dumps({"library": "llama-cpp", "tool": tool["name"], **line}))


if __name__ == "__main__":
    main(sys.argv[1])
