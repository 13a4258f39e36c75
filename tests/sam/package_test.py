"""Tests tools/package.py: granted directories in the package, and zips."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import package  # noqa: E402


class Folder(unittest.TestCase):
    """Makes a configuration, data in the same folder, and a folder that holds a bundle."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.source, self.folder = Path(temporary.name, "source"), Path(temporary.name, "folder")
        self.config = self.source / "toolcell.toml"
        for name, text in {"data/a.txt": "a", "data/inner/b.txt": "b"}.items():
            path = self.source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def catalog(self, *directories: dict) -> dict:
        return {"plugins": [{"name": "files", "grants": {"directories": list(directories)}}]}

    def copy(self, *directories: dict) -> list[str]:
        package.copy_grants(self.catalog(*directories), self.config, self.folder)
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())


class Grants(Folder):
    def refuses(self, words: str, **directory: object) -> None:
        with self.assertRaises(package.Refusal) as refused:
            self.copy(directory)
        text = str(refused.exception)
        self.assertIn(words, text)
        self.assertIn("plugins.files.grants.directories", text)
        self.assertIn(f'host = "{directory["host"]}"', text)
        self.assertIn("next:", text)

    def test_a_granted_directory_stands_beside_the_bundle_at_the_same_path(self):
        files = self.copy({"host": "data/inner", "guest": "/a"}, {"host": "./data", "guest": "/b"})
        self.assertEqual(files, ["data/a.txt", "data/inner/b.txt"])

    def test_everybody_may_read_what_was_private_to_the_builder(self):
        (self.source / "data/a.txt").chmod(0o600)
        (self.source / "data/inner").chmod(0o700)
        self.copy({"host": "data", "guest": "/data"})
        self.assertEqual((self.folder / "data/a.txt").stat().st_mode & 0o777, 0o644)
        self.assertEqual((self.folder / "data/inner").stat().st_mode & 0o777, 0o755)

    def test_writing_to_the_package_is_refused(self):
        self.refuses("cannot be written on Lambda", host="data", guest="/data", write=True)

    def test_tmp_and_mounted_file_systems_may_be_written(self):
        self.copy({"host": "/tmp", "guest": "/t", "write": True}, {"host": "/mnt/share", "guest": "/s", "write": True})

    def test_a_directory_in_tmp_is_refused_because_a_cold_start_has_an_empty_tmp(self):
        self.refuses("its /tmp is empty", host="/tmp/cache", guest="/cache", write=True)

    def test_a_directory_of_a_layer_may_be_read_and_not_written(self):
        self.copy({"host": "/opt/data", "guest": "/data"})
        self.refuses("cannot be written there", host="/opt/data", guest="/data", write=True)

    def test_a_directory_of_the_builders_machine_is_refused(self):
        self.refuses("does not exist on Lambda", host="/home/me/data", guest="/data")

    def test_a_directory_outside_of_the_configurations_is_refused(self):
        self.refuses("is outside of the package", host="../data", guest="/data")
        self.refuses("is outside of the package", host="data/../data", guest="/data")
        self.refuses("is outside of the package", host=".", guest="/data")

    def test_a_directory_that_would_hide_the_bundle_or_the_program_is_refused(self):
        self.refuses("the package's own `bundle`", host="bundle/data", guest="/data")
        self.refuses("the package's own `bootstrap`", host="bootstrap", guest="/data")

    def test_a_missing_an_empty_and_a_linked_directory_are_refused(self):
        self.refuses("is not a directory", host="nothing", guest="/data")
        (self.source / "empty").mkdir()
        self.refuses("is empty", host="empty", guest="/data")
        os.symlink("/etc/hostname", self.source / "data/inner/link")
        self.refuses("which is neither a file nor a directory", host="data", guest="/data")

    def test_the_command_reports_it_and_ends_with_the_code_for_refused_input(self):
        command = [ROOT / "tools/package.py", "grants", "--config", self.config, "--into", self.folder]
        for text in (json.dumps(self.catalog({"host": "../data", "guest": "/data"})), ""):
            done = subprocess.run(command, input=text, capture_output=True, text=True)
            self.assertEqual(done.returncode, 3)
            self.assertIn("package.py: ", done.stderr)
            self.assertNotIn("Traceback", done.stderr)


class Zip(Folder):
    def zip(self, name: str) -> Path:
        out = self.source / name
        package.write_zip(self.folder, out)
        return out

    def test_the_same_folder_gives_the_same_bytes_whenever_it_was_made(self):
        self.copy({"host": "data", "guest": "/data"})
        first = self.zip("first.zip").read_bytes()
        for path in self.folder.rglob("*"):
            os.utime(path, (1, 1))
        self.assertEqual(first, self.zip("second.zip").read_bytes())
        (self.folder / "data/a.txt").write_text("c")
        self.assertNotEqual(first, self.zip("third.zip").read_bytes())

    def test_the_program_stays_executable_and_nothing_else_is(self):
        self.copy({"host": "data", "guest": "/data"})
        (self.folder / "bootstrap").write_bytes(b"program")
        (self.folder / "bootstrap").chmod(0o755)
        with zipfile.ZipFile(self.zip("a.zip")) as archive:
            modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
        executable = [name for name, mode in modes.items() if mode & 0o111 and not name.endswith("/")]
        self.assertEqual(executable, ["bootstrap"])
        self.assertEqual(modes["data/a.txt"], 0o644)

    def test_a_package_of_the_largest_size_is_written_and_a_larger_one_refused(self):
        self.folder.mkdir()
        with (self.folder / "large").open("wb") as large:
            large.truncate(package.UNPACKED_BYTES)
        self.zip("fits.zip")
        (self.folder / "one").write_bytes(b"1")
        with self.assertRaises(package.Refusal) as refused:
            self.zip("too-large.zip")
        self.assertIn("is too large for Lambda", str(refused.exception))
        self.assertFalse((self.source / "too-large.zip").exists())


if __name__ == "__main__":
    unittest.main()
