"""Writes the part of docs/clients.md about schemas, and finds refusals that no minimal case explains."""

import json
import re
from collections.abc import Iterator

import clients_page
from judge.verdict import Verdict
from libraries import LIBRARIES, Library, version
from minimal import CASES
from pins import TESTS

WIT = TESTS / "fixtures/every_type/wit/world.wit"
SIGNS = {"same": "=", "weaker": "~", "refused": "x"}
Matrix = dict[str, dict[str, dict[str, Verdict]]]


def rewritten(matrix: Matrix) -> str:
    """Returns the page with the part between the two marks written anew."""
    return clients_page.rewritten("schemas", "converters/run.py", schemas(matrix))


def schemas(matrix: Matrix) -> str:
    columns = [library for library in LIBRARIES if library.id in matrix["types"]]
    weaker = ["### Weaker schemas", "", *details(matrix, columns)]
    return "\n".join([*overview(matrix, columns), "", *table(matrix, columns), "", *weaker, "", *faults()])


def overview(matrix: Matrix, columns: list[Library]) -> Iterator[str]:
    yield "| | library | version | way | types: same, weaker, refused | samples: same, weaker, refused |"
    yield "|---|---|---|---|---|---|"
    yield f"| | toolcell itself | | the schema as it is served | {counts(matrix['types']['toolcell'])} | |"
    for number, library in enumerate(columns, 1):
        package = f"`{name(library)}` {version(library)}" if library.package else "-"
        parts = " | ".join(counts(matrix[part][library.id]) for part in ("types", "samples"))
        yield f"| {number} | {library.title} | {package} | {library.way} | {parts} |"


def name(library: Library) -> str:
    """Names the package as its registry does."""
    return "@ai-sdk/google" if library.package == "ai-5-google" else library.package


def counts(tools: dict[str, Verdict]) -> str:
    return ", ".join(str(sum(cell.word == word for cell in tools.values())) for word in SIGNS)


def table(matrix: Matrix, columns: list[Library]) -> Iterator[str]:
    """Writes a row for each type and a column for each library."""
    yield f"| tool | type | {' | '.join(str(number) for number in range(1, len(columns) + 1))} |"
    yield f"|---|---|{'---|' * len(columns)}"
    for tool, written in signatures().items():
        cells = " | ".join(SIGNS[matrix["types"][library.id][tool].word] for library in columns)
        yield f"| `{tool}` | {written} | {cells} |"


def signatures() -> dict[str, str]:
    """Reads the type of each tool's parameter from the WIT."""
    found = re.findall(r"^  %?([a-z0-9-]+): func\((?:value: (.*))?\)(?: -> .*)?;$", WIT.read_text(), re.MULTILINE)
    return {tool.replace("-", "_"): f"`{written}`" if written else "none" for tool, written in found}


def details(matrix: Matrix, columns: list[Library]) -> Iterator[str]:
    """Says for each library what is weaker or refused, the same words once."""
    for library in columns:
        groups: dict[str, list[str]] = {}
        for part in ("types", "samples"):
            for tool, cell in matrix[part][library.id].items():
                if cell.rank:
                    groups.setdefault(cell.text(), []).append(f"`{tool}`")
        if groups:
            yield f"- **{library.title}** (`{library.id}`)"
            for text, tools in groups.items():
                listed = "every tool" if len(tools) == sum(len(part["toolcell"]) for part in matrix.values()) else ", ".join(tools)
                yield f"  - {text}: {listed}"


def faults() -> Iterator[str]:
    yield "### Faults of clients"
    yield ""
    yield "Each of these schemas is served by a program of a few lines, without toolcell, and shows the same."
    for case in CASES:
        yield ""
        yield f"- `{case['library']}`: {case['cause']} It is *{case['shows']}*:"
        yield ""
        yield "  ```json"
        yield f"  {json.dumps(case['inputSchema'])}"
        yield "  ```"


def unexplained(matrix: Matrix) -> list[str]:
    """Names each refusal that no minimal case shows to be the client's fault."""
    shown = {(case["library"], case["shows"]) for case in CASES}
    return [
        f"unexplained: {library}, {tool}: {cell.text()}; minimal.json shows no such fault of the client"
        for part in matrix.values()
        for library, tools in part.items()
        for tool, cell in tools.items()
        if cell.refused and (library, cell.text()) not in shown
    ]
