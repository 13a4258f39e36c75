"""Finds what tests/setup.sh has installed for client libraries: pinned versions, and Node.js."""

import json
import re
import subprocess
from pathlib import Path

TESTS = Path(__file__).parent.parent


def npm_version(folder: Path, package: str) -> str:
    """Finds the version of a package, or of the alias under which package.json names it."""
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    return packages[f"node_modules/{package}"]["version"]


def pypi_version(requirements: Path, package: str) -> str:
    """Finds the version of a package, in whatever variant it is installed."""
    pin = rf"^{package}(?:-slim)?(?:\[\w+\])?==([^\s\\]+)"
    found = re.search(pin, requirements.read_text(), re.MULTILINE)
    if not found:
        raise SystemExit(f"{package} is not in {requirements}")
    return found[1]


def node() -> str:
    """Returns the path of the Node.js that the tests use."""
    return subprocess.run([TESTS / "node.sh"], check=True, capture_output=True, text=True).stdout.strip()
