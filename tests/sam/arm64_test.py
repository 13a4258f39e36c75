"""Runs the arm64 package as a Graviton2 would: the program under qemu, in our Lambda emulator.

tests/sam/check.sh builds what is named by environment variables and runs this.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.request
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
TOOLCELL = os.environ["TOOLCELL"]
PACKAGE = Path(os.environ["ARM64_PACKAGE"]).resolve()
# `toolcell lambda` lays out and checks a bundle for this machine; a variable tells the function to use the arm64 one.
HOST_BUNDLE = Path(os.environ["SAM_BUILD"], "ToolcellFunction/bundle").resolve()

# Init and a call took a second under qemu on a busy machine.
PATIENCE_SECONDS = 60


class Arm64(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        # The function gets /tmp and /var of its own, so it would not see a package in a clone below these.
        folder = tempfile.TemporaryDirectory(dir=Path.home())
        cls.addClassCleanup(folder.cleanup)
        package = shutil.copytree(PACKAGE, Path(folder.name, "package"))
        variables = {"TOOLCELL_BUNDLE": package / "bundle", "ARM64_BOOTSTRAP": package / "bootstrap"}
        command = [TOOLCELL, "lambda", "--bundle", HOST_BUNDLE, "--listen", "127.0.0.1:0", "--timeout", "60s"]
        command += ["--bootstrap", FOLDER / "arm64-bootstrap.sh"]
        for name, value in variables.items():
            command += ["--env", f"{name}={value}"]
        cls.lines: list[str] = []
        cls.stand_in = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.stop)
        for line in cls.stand_in.stderr:
            cls.lines.append(line)
            if found := re.search(r"http://[^ ]+/mcp", line):
                cls.url = found[0]
                return
        raise AssertionError("toolcell lambda ended:\n" + "".join(cls.lines))

    @classmethod
    def stop(cls) -> None:
        cls.stand_in.terminate()
        cls.stand_in.stderr.close()
        cls.stand_in.wait()

    def ask(self, method: str, **params: object) -> dict:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        headers = {
            "content-type": "application/json",
            "accept": "application/json",
            "mcp-protocol-version": "2025-11-25",
        }
        request = urllib.request.Request(self.url, body, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return json.loads(answer.read())["result"]

    def call(self, tool: str, **arguments: object) -> dict:
        return self.ask("tools/call", name=tool, arguments=arguments)

    def test_the_package_is_for_arm64(self):
        header = subprocess.run(["readelf", "-h", PACKAGE / "bootstrap"], check=True, capture_output=True, text=True)
        self.assertIn("AArch64", header.stdout)
        command = [TOOLCELL, "inspect", PACKAGE / "bundle", "--json"]
        catalog = subprocess.run(command, check=True, capture_output=True).stdout
        self.assertEqual(json.loads(catalog)["engine"]["target"], "aarch64-unknown-linux-gnu")

    def test_it_lists_its_tools(self):
        names = [tool["name"] for tool in self.ask("tools/list")["tools"]]
        self.assertIn("make_slug", names)

    def test_it_runs_machine_code_for_arm64(self):
        result = self.call("make_slug", text="Crème brûlée, 2 ways")
        self.assertEqual(result["content"], [{"type": "text", "text": "creme-brulee-2-ways"}])
        primes = self.call("count_primes", limit=1000)["structuredContent"]
        self.assertEqual(int(primes["count"]), 168)

    def test_a_granted_directory_is_where_the_package_has_it(self):
        result = self.call("read_lines", path="notes.txt", max_lines=1)
        self.assertEqual(result["structuredContent"]["total_lines"], 5)


if __name__ == "__main__":
    unittest.main()
