"""Lets each client library, in its oldest and its newest version, tell the story: list, call, fail, stream.

    python3 run.py quick|whole URL

`quick` takes the oldest versions of the libraries of npm. results.json says what each library is expected to do; any
other result fails. TOOLCELL_BLESS=1 rewrites it and docs/clients.md, after a whole run. A check that fails there must
have its reason in faults.json.
"""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent))
import clients_page  # noqa: E402
from pins import node, npm_version, pypi_version  # noqa: E402

HERE = Path(__file__).parent
RESULTS, FAULTS = HERE / "results.json", HERE / "faults.json"
LINE = re.compile(r"^(ok|--|FAILED) +[^:\n]+: ([^:\n]+)", re.MULTILINE)
LONGEST_SECONDS = 600
SDK = "@modelcontextprotocol/sdk"  # its oldest version has an alias
QUIET = {"MCP_USE_ANONYMIZED_TELEMETRY": "false"}  # mcp-use reports to its makers otherwise
Results = dict[str, dict[str, str]]  # of "package, age", then of the checks


@dataclass(frozen=True)
class Teller:
    """A library in one version."""

    name: str
    title: str
    package: str
    age: str
    folder: str

    @property
    def id(self) -> str:
        return f"{self.package}, {self.age}"

    @property
    def is_npm(self) -> bool:
        return self.folder.startswith("npm-")

    def command(self, node: str, url: str) -> list[str]:
        if self.is_npm:
            return [node, str(HERE / "node/tell.mjs"), self.age, self.name, url]
        return [str(HERE / self.folder / ".venv/bin/python"), str(HERE / "python/tell.py"), self.age, self.name, url]

    def version(self) -> str:
        """Finds the version that is pinned."""
        if self.is_npm:
            return npm_version(HERE / self.folder, "sdk" if self.id == f"{SDK}, old" else self.package)
        file = "clients/python/requirements.txt" if self.folder == "../.." else "requirements.txt"
        return pypi_version(HERE / self.folder / file, self.package)


def tellers(extent: str) -> list[Teller]:
    """Lists the libraries to try, each in both versions."""
    listed = json.loads((HERE / "libraries.json").read_text())
    every = [
        Teller(library["name"], library["title"], library["package"], age, library[age])
        for library in listed
        for age in ("old", "new")
    ]
    return every if extent == "whole" else [teller for teller in every if teller.folder == "npm-old"]


def tell(teller: Teller, node: str, url: str) -> dict[str, str]:
    """Runs a library and returns the sign of each check; prints its lines, and all that it says if it fails."""
    command = teller.command(node, url)
    if not Path(command[0]).exists():
        sys.exit(f"versions: {command[0]} is missing; run tests/setup.sh clients")
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS, env=os.environ | QUIET)
    edge = os.environ.get("TOOLCELL_EDGE", "serve")
    for line in done.stdout.splitlines():
        if LINE.match(line):
            print(f"{line}, by {teller.package} {teller.version()}, at {edge}", flush=True)
    if done.returncode:
        print(done.stderr[-3000:], file=sys.stderr)
    found = {check: sign for sign, check in LINE.findall(done.stdout)}
    return found or {"connects": "FAILED"}


def main(extent: str, url: str) -> None:
    if extent not in ("quick", "whole"):
        sys.exit(__doc__)
    program = node()
    chosen = tellers(extent)
    with ThreadPoolExecutor(2) as pool:
        told: Results = {
            teller.id: checks for teller, checks in zip(chosen, pool.map(lambda each: tell(each, program, url), chosen), strict=True)
        }
    if os.environ.get("TOOLCELL_BLESS") and extent == "whole":
        RESULTS.write_text(json.dumps(told, indent=1) + "\n")
        clients_page.PAGE.write_text(rewritten(told))
    problems = [*differences(told), *unexplained(told)]
    if extent == "whole" and clients_page.text() != rewritten(told):
        problems.append("docs/clients.md is not what the run says")
    if problems:
        sys.exit("\n".join([*problems, "versions: failed; after a whole run, TOOLCELL_BLESS=1 accepts it"]))
    print(f"versions: {len(told)} clients, {sum(len(checks) for checks in told.values())} checks")


def differences(told: Results) -> list[str]:
    expected: Results = json.loads(RESULTS.read_text())
    found = []
    for teller, checks in told.items():
        known = expected.get(teller, {})
        for check in sorted(set(checks) | set(known)):
            if checks.get(check) != known.get(check):
                found.append(f"changed: {teller}: {check}: was {known.get(check)}, is {checks.get(check)}")
    return found


def unexplained(told: Results) -> list[str]:
    """Names each failure that faults.json does not show to be the client's."""
    faults = json.loads(FAULTS.read_text())
    return [
        f"unexplained: {teller}: {check}; faults.json shows no such fault of the client"
        for teller, checks in told.items()
        for check, sign in checks.items()
        if sign == "FAILED" and check not in faults.get(teller, {})
    ]


def rewritten(told: Results) -> str:
    """Returns the page with the part between the two marks written anew."""
    return clients_page.rewritten("versions", "versions/run.py", "\n".join(table(told)))


def table(told: Results) -> list[str]:
    every = {teller.id: teller for teller in tellers("whole")}
    lines = ["| client | oldest | newest | cannot | fails |", "|---|---|---|---|---|"]
    faults = json.loads(FAULTS.read_text())
    for package in dict.fromkeys(teller.package for teller in every.values()):
        old, new = every[f"{package}, old"], every[f"{package}, new"]
        unable, failing = [], []
        for teller in (old, new):
            for check, sign in told[teller.id].items():
                if sign == "--":
                    unable.append(f"{check} ({teller.age})")
                if sign == "FAILED":
                    failing.append(f"{check} ({teller.age}): {faults.get(teller.id, {}).get(check, '')}")
        cells = [f"{old.title}, `{package}`", old.version(), new.version(), short(unable), "; ".join(failing) or "-"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def short(unable: list[str]) -> str:
    """Says once what neither version can."""
    checks = dict.fromkeys(entry.rsplit(" (", 1)[0] for entry in unable)
    said = [check if unable.count(f"{check} (old)") + unable.count(f"{check} (new)") == 2 else
            next(entry for entry in unable if entry.startswith(check)) for check in checks]
    return "; ".join(said).replace("is told of", "be told of").replace("hears of", "hear of") or "-"


if __name__ == "__main__":
    main(*sys.argv[1:])
