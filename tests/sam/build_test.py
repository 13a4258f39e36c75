"""Inspects the results of `sam build` and `make package`; tests/sam/check.sh builds them and sets the variables."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTION = Path(os.environ["SAM_BUILD"], "ToolcellFunction")
ARM64_FUNCTION = Path(os.environ["ARM64_PACKAGE"])
TOOLCELL = Path(os.environ["TOOLCELL"])
PACKAGES = ROOT / "target/package"

# It holds a client for HTTPS. Other counts say what a start does with it: docs/benchmarks.md.
BOOTSTRAP_BYTES = 8_500_000

# What tools/order.ld puts together, at least: patterns that no longer fit the names of functions find nothing.
ORDER_BYTES = 1_000_000

# The crates of the compiler; even a stripped program holds the paths of their sources in messages of panics.
COMPILER = [b"cranelift-codegen-", b"cranelift-frontend-", b"regalloc2-", b"wasmtime-internal-cranelift-"]

# The directory that the configuration of the samples grants.
GRANTED = ["plugins/docs/sample-data", "plugins/files/sample-data"]


def files(folder: Path) -> set[str]:
    """Returns the relative paths of all files below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def catalog(folder: Path) -> dict:
    """Returns the catalog of the bundle in a folder."""
    command = [TOOLCELL, "inspect", folder / "bundle", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def bundle(folder: Path) -> set[str]:
    """Returns the files that the catalog of a bundle names, with the catalog."""
    return {"bundle/catalog.bin"} | {f"bundle/{plugin['code']}.cwasm" for plugin in catalog(folder)["plugins"]}


def granted() -> set[str]:
    """Returns the files of the granted directories, by their paths in a package."""
    return {f"{folder}/{name}" for folder in GRANTED for name in files(ROOT / folder)}


def readelf(*arguments: object) -> str:
    """Returns the output of binutils about a program."""
    return subprocess.run(["readelf", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def compiler(program: Path) -> list[bytes]:
    """Returns the crates of the compiler that a program holds."""
    content = program.read_bytes()
    return [crate for crate in COMPILER if crate in content]


class SamBuild(unittest.TestCase):
    def test_it_leaves_the_program_the_bundle_and_what_is_granted_and_nothing_else(self):
        self.assertEqual(files(FUNCTION), {"bootstrap"} | bundle(FUNCTION) | granted())

    def test_the_bundle_is_for_the_processor_of_the_function(self):
        self.assertEqual(catalog(FUNCTION)["engine"]["target"], "x86_64-unknown-linux-gnu")
        self.assertIn("X86-64", readelf("--file-header", FUNCTION / "bootstrap"))

    def test_another_user_may_run_the_program_and_read_the_rest(self):
        for path in FUNCTION.rglob("*"):
            expected = 0o755 if path.is_dir() or path.name == "bootstrap" else 0o644
            self.assertEqual(path.stat().st_mode & 0o777, expected, path)


class Bootstrap(unittest.TestCase):
    PROGRAM = FUNCTION / "bootstrap"

    def test_it_is_stripped_and_within_the_size_target(self):
        self.assertNotIn(".symtab", readelf("--sections", "--wide", self.PROGRAM))
        self.assertLessEqual(self.PROGRAM.stat().st_size, BOOTSTRAP_BYTES)

    def test_what_a_start_runs_is_together(self):
        size = re.search(r"\.text\.order +PROGBITS +\w+ +\w+ +(\w+)", readelf("--sections", "--wide", self.PROGRAM))
        self.assertGreaterEqual(int(size[1], 16), ORDER_BYTES, "run `benches/profile` and `benches/order`")

    def test_it_needs_no_library_of_the_system(self):
        self.assertNotIn("INTERP", readelf("--program-headers", "--wide", self.PROGRAM))
        self.assertNotIn("NEEDED", readelf("--dynamic", "--wide", self.PROGRAM))

    def test_it_may_lie_at_any_address_and_cannot_write_to_its_code_or_constants(self):
        for program in [self.PROGRAM, ARM64_FUNCTION / "bootstrap"]:
            self.assertRegex(readelf("--file-header", program), r"Type: +DYN")
            segments = readelf("--program-headers", "--wide", program)
            self.assertIn("GNU_RELRO", segments)
            self.assertRegex(segments, r"GNU_STACK .* RW ")
            self.assertNotRegex(segments, r"LOAD .* RWE ")
            self.assertNotIn("TEXTREL", readelf("--dynamic", "--wide", program))

    def test_it_holds_the_engine_and_no_compiler(self):
        self.assertIn(b"wasmtime-48", self.PROGRAM.read_bytes())
        self.assertEqual(compiler(self.PROGRAM), [])

    def test_a_compiler_would_be_found_in_a_stripped_program(self):
        with tempfile.TemporaryDirectory() as temporary:
            stripped = Path(temporary, "toolcell")
            subprocess.run(["strip", "-o", stripped, TOOLCELL], check=True)
            self.assertEqual(compiler(stripped), COMPILER)

    def test_it_says_what_it_misses_when_started_by_hand(self):
        done = subprocess.run([self.PROGRAM], env={}, capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("AWS_LAMBDA_RUNTIME_API", done.stdout + done.stderr)


class MakePackage(unittest.TestCase):
    def names(self, name: str) -> set[str]:
        with zipfile.ZipFile(PACKAGES / name) as archive:
            return {info.filename for info in archive.infolist() if not info.is_dir()}

    def test_the_package_is_what_sam_build_leaves(self):
        self.assertEqual(self.names("toolcell-x86_64.zip"), files(FUNCTION))
        with zipfile.ZipFile(PACKAGES / "toolcell-x86_64.zip") as archive:
            for name in archive.namelist():
                if not name.endswith("/"):
                    self.assertEqual(archive.read(name), (FUNCTION / name).read_bytes(), name)

    def test_the_layer_holds_the_bundle_and_what_it_grants(self):
        self.assertEqual(self.names("toolcell-x86_64-bundle-layer.zip"), bundle(FUNCTION) | granted())

    def test_a_package_without_the_bundle_is_the_program_alone(self):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary, "function")
            make = ["make", "build-ToolcellFunction", "BUNDLE_IN=layer", f"ARTIFACTS_DIR={folder}"]
            subprocess.run(make, cwd=ROOT, check=True, capture_output=True)
            self.assertEqual(files(folder), {"bootstrap"})

    def test_unknown_settings_are_refused_by_name(self):
        for setting, value in [("ARCHITECTURE", "aarch64"), ("BUNDLE_IN", "s3")]:
            make = ["make", "build-ToolcellFunction", f"{setting}={value}", "ARTIFACTS_DIR=/nonexistent"]
            done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(f"{setting}={value}", done.stderr)


class ThisMachine(unittest.TestCase):
    def test_readelf_and_strip_are_there(self):
        for tool in ["readelf", "strip"]:
            self.assertIsNotNone(shutil.which(tool), f"{tool} is missing; install binutils")


if __name__ == "__main__":
    unittest.main()
