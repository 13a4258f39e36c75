"""Compares the entries of `tools/list` that a plugin's README shows with those that it has.

    toolcell inspect PLUGIN --json | python3 readme_entries.py PLUGIN

An entry may leave out keys, such as `outputSchema`; those that it shows must be whole. A name may have the prefix `PLUGIN_`,
which comes from a configuration. Prints how many entries were compared.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def entries(page: str) -> Iterator[dict[str, Any]]:
    """Yields each block of JSON that shows an input schema."""
    for block in BLOCK.findall(page):
        if "inputSchema" in block:
            yield json.loads(block)


def differences(shown: Any, served: Any, path: str) -> Iterator[str]:
    """Names the innermost places where two values differ."""
    if isinstance(shown, dict) and isinstance(served, dict) and set(shown) == set(served):
        for key in shown:
            yield from differences(shown[key], served[key], f"{path}.{key}")
    elif shown != served:
        yield f"{path}: the page shows {json.dumps(shown)}; the plugin has {json.dumps(served)}"


def main(plugin: str) -> None:
    tools = {tool["name"]: tool for tool in json.load(sys.stdin)["tools"]}
    page = Path(plugin, "README.md")
    prefix = f"{page.resolve().parent.name}_"
    found: list[str] = []
    compared = 0
    for entry in entries(page.read_text()):
        served = tools.get(entry.pop("name").removeprefix(prefix), {})
        for key, shown in entry.items():
            found += differences(shown, served.get(key), key)
        compared += 1
    if found:
        sys.exit("\n".join([f"{page}: an entry of `tools/list` is not what the plugin has", *found]))
    print(compared)


main(*sys.argv[1:])
