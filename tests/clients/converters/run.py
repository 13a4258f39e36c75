"""Tries the converters of client libraries on the tools of a server, and judges what they would send to models.

    python3 run.py collect types|samples quick|whole URL    asks every library, keeps what they send
    python3 run.py minimal quick|whole                      asks them about the cases of minimal.json
    python3 run.py judge quick|whole                        compares it with matrix.json and docs/clients.md

A cell that gets worse fails, and so does one that got better than the files say. TOOLCELL_BLESS=1 rewrites them, after
a whole run.
"""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent.parent))
import clients_page  # noqa: E402
import minimal  # noqa: E402
import page  # noqa: E402
from judge.expected import tools as expected_tools  # noqa: E402
from judge.meaning import read  # noqa: E402
from judge.rules import vs_code  # noqa: E402
from judge.verdict import Verdict, judge, judge_grammar  # noqa: E402
from libraries import HERE, LIBRARIES, Library, interpreter, quick  # noqa: E402
from pins import TESTS, node  # noqa: E402
from tool_list import tool_list  # noqa: E402

MATRIX = HERE / "matrix.json"
COLLECTED = TESTS.parent / "target/converters"
PARTS = ("types", "samples")
Matrix = dict[str, dict[str, dict[str, Verdict]]]  # of parts, libraries and tools


def main(command: str, *arguments: str) -> None:
    if command == "collect" and len(arguments) == 3 and arguments[0] in PARTS:
        collect(*arguments)
    elif command == "minimal" and len(arguments) == 1:
        collect("minimal", arguments[0], minimal.serve())
    elif command == "judge" and len(arguments) == 1:
        check(arguments[0])
    else:
        sys.exit(__doc__)


def chosen(extent: str) -> list[Library]:
    if extent not in ("quick", "whole"):
        sys.exit(f"run.py: '{extent}' is neither quick nor whole")
    return [library for library in LIBRARIES if extent == "whole" or quick(library)]


def collect(part: str, extent: str, url: str) -> None:
    """Runs each script once, two at a time, and keeps what its libraries sent."""
    served = {tool["name"]: tool for tool in tool_list(url)}
    program = node()
    scripts = list(dict.fromkeys(library.script for library in chosen(extent) if library.script))
    sent: dict[str, dict[str, Any]] = {}
    with ThreadPoolExecutor(2) as pool:
        for lines in pool.map(lambda script: run(script, program, url), scripts):
            for line in lines:
                sent.setdefault(line["library"], {})[line["tool"]] = line
    COLLECTED.mkdir(parents=True, exist_ok=True)
    (COLLECTED / f"{part}.json").write_text(json.dumps({"served": served, "sent": sent}))
    print(f"converters: {part}: {len(served)} tools, {len(sent)} libraries asked")


def run(script: str, node: str, url: str) -> list[dict[str, Any]]:
    program = interpreter(script, node)
    if not Path(program).exists():
        sys.exit(f"converters: {program} is missing; run tests/setup.sh clients")
    # What libraries warn about is of interest only if they fail.
    with tempfile.TemporaryFile("w+") as warnings:
        done = subprocess.run([program, HERE / script, url], stdout=subprocess.PIPE, stderr=warnings, text=True)
        if done.returncode:
            warnings.seek(0)
            sys.exit(f"converters: {script} failed:\n{warnings.read()[-4000:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def judged(extent: str) -> Matrix:
    return {part: judge_part(part, extent) for part in PARTS}


def judge_part(part: str, extent: str) -> dict[str, dict[str, Verdict]]:
    """Judges each cell; the first column is what the server itself says."""
    collected = json.loads((COLLECTED / f"{part}.json").read_text())
    served = collected["served"]
    expected = expected_tools() if part == "types" else {name: read(tool["inputSchema"]) for name, tool in served.items()}
    if missing := set(served) ^ set(expected):
        sys.exit(f"converters: judge/expected.py and the plugin differ: {', '.join(sorted(missing))}")
    cells: dict[str, dict[str, Verdict]] = {"toolcell": {}}
    for name, tool in served.items():
        plain = {"sent": {"description": tool["description"], "input_schema": tool["inputSchema"]}}
        cells["toolcell"][name] = judge(expected[name], tool["description"], plain, strict=False)
    for library in chosen(extent):
        records = collected["sent"].get(library.id, {})
        if not library.script:
            records = {name: restated(tool) for name, tool in served.items()}
        if missing := set(served) - set(records):
            sys.exit(f"converters: {library.id} said nothing about {', '.join(sorted(missing))}")
        for name, tool in served.items():
            cells.setdefault(library.id, {})[name] = (
                judge_grammar(name, records[name], known=part == "types")
                if library.id == "llama-cpp"
                else judge(expected[name], tool["description"], records[name], library.strict)
            )
    return cells


def restated(tool: dict[str, Any]) -> dict[str, Any]:
    function = {"name": tool["name"], "description": tool["description"], "parameters": tool["inputSchema"]}
    try:
        return {"sent": vs_code(function)}
    except ValueError as error:
        return {"error": str(error)}


def check(extent: str) -> None:
    matrix = judged(extent)
    if os.environ.get("TOOLCELL_BLESS"):
        if extent != "whole":
            sys.exit("converters: TOOLCELL_BLESS needs a whole run")
        MATRIX.write_text(encoded(matrix))
        clients_page.PAGE.write_text(page.rewritten(matrix))
    problems = [*page.unexplained(matrix), *untrue(extent), *differences(matrix, decoded(MATRIX.read_text()))]
    if extent == "whole" and clients_page.text() != page.rewritten(matrix):
        problems.append("docs/clients.md is not what the matrix says")
    if problems:
        sys.exit("\n".join([*problems, "converters: failed; after a whole run, TOOLCELL_BLESS=1 accepts it"]))
    cells = [cell for part in matrix.values() for tools in part.values() for cell in tools.values()]
    counts = ", ".join(f"{sum(cell.word == word for cell in cells)} {word}" for word in ("same", "weaker", "refused"))
    print(f"converters: {len(cells)} cells: {counts}")


def untrue(extent: str) -> list[str]:
    """Names each minimal case that does not show what it says."""
    collected = json.loads((COLLECTED / "minimal.json").read_text())
    libraries = {library.id: library for library in chosen(extent)}
    found = []
    for tool, case in zip(minimal.TOOLS, minimal.CASES, strict=True):
        if library := libraries.get(case["library"]):
            record = collected["sent"][library.id][tool["name"]]
            now = judge(read(tool["inputSchema"]), tool["description"], record, library.strict).text()
            if now != case["shows"]:
                found.append(f"minimal.json: {library.id}: {case['shows']} is not shown; it is {now}")
    return found


def differences(matrix: Matrix, committed: Matrix) -> list[str]:
    """Names each cell that is not what the file says, and whether it got worse."""
    found = []
    for part, libraries in matrix.items():
        for library, tools in libraries.items():
            known = committed.get(part, {}).get(library, {})
            for tool, now in tools.items():
                before = known.get(tool)
                if before is None:
                    found.append(f"new: {library}, {tool}: {now.text()}")
                elif before.text() != now.text():
                    change = "worse" if now.worse_than(before) else "changed"
                    found.append(f"{change}: {library}, {tool}: was {before.text()}; is {now.text()}")
            found += [f"gone: {library}, {tool}" for tool in known if tool not in tools]
    return found


def encoded(matrix: Matrix) -> str:
    """Writes a line for each cell that is not the same, after the list of all tools."""
    written = {
        part: {
            "tools": sorted(libraries["toolcell"]),
            "libraries": {
                library: {tool: cell.text() for tool, cell in sorted(tools.items()) if cell.rank}
                for library, tools in libraries.items()
            },
        }
        for part, libraries in matrix.items()
    }
    return json.dumps(written, indent=1, ensure_ascii=False) + "\n"


def decoded(text: str) -> Matrix:
    return {
        part: {
            library: {tool: Verdict.parse(tools.get(tool, "same")) for tool in written["tools"]}
            for library, tools in written["libraries"].items()
        }
        for part, written in json.loads(text).items()
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
