#!/usr/bin/env python3
"""Makes the package for Lambda: a folder, then a zip of it.

    package.py grants --config toolcell.toml --into FOLDER    copies the directories that FOLDER/bundle grants to FOLDER;
                                                              reads what `toolcell inspect FOLDER/bundle --json` prints
    package.py zip --folder FOLDER --out FILE                 zips a folder; the same folder gives the same bytes

The Makefile calls it (`build-ToolcellFunction`, `package`). It needs only Python 3.11.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import stat
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

BUNDLE = "bundle"
BOOTSTRAP = "bootstrap"

# The most that Lambda accepts, unpacked and with all layers (quota "Deployment package size").
UNPACKED_BYTES = 250 << 20

# Directories outside of the package. /tmp is private to an environment and empty at its cold start; file systems (EFS,
# S3 Files) are mounted below /mnt; layers are unpacked below /opt.
TEMPORARY = PurePosixPath("/tmp")
MOUNTS = PurePosixPath("/mnt")
LAYERS = PurePosixPath("/opt")

# The earliest time that a zip can hold.
EPOCH = (1980, 1, 1, 0, 0, 0)


class Refusal(Exception):
    """Input that cannot be packaged: the place, what was found, what was expected, and what to do next."""

    def __init__(self, place: str, problem: str, *, found: str, expected: str, todo: str) -> None:
        super().__init__(f"{place} {problem}\n  found:    {found}\n  expected: {expected}\n  next:     {todo}")


@dataclass(frozen=True)
class Grant:
    """A directory that a plugin is granted."""

    plugin: str
    host: str
    write: bool
    config: Path

    def refusal(self, problem: str, *, expected: str, todo: str) -> Refusal:
        """Makes a refusal of this grant."""
        found = f'host = "{self.host}"' + (", write = true" if self.write else "")
        place = f"{self.config}: plugins.{self.plugin}.grants.directories"
        return Refusal(place, problem, found=found, expected=expected, todo=todo)


def read_catalog(text: str) -> dict:
    """Reads what `toolcell inspect` prints of a bundle."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Refusal(
            "standard input",
            "is not a catalog",
            found=str(error),
            expected="what `toolcell inspect FOLDER/bundle --json` prints",
            todo="run that command, and correct what it refuses",
        ) from None


def read_grants(catalog: dict, config: Path) -> list[Grant]:
    """Returns the directories that a catalog grants."""
    return [
        Grant(plugin["name"], directory["host"], directory.get("write", False), config)
        for plugin in catalog["plugins"]
        for directory in plugin["grants"].get("directories", [])
    ]


def place(grant: Grant) -> PurePosixPath | None:
    """Returns the path of a granted directory in the package; None for a directory outside of the package."""
    path = PurePosixPath(grant.host)
    if path.is_absolute():
        check_absolute(grant, path)
        return None
    if grant.write:
        raise grant.refusal(
            "cannot be written on Lambda, where the package is read-only",
            expected='host = "/tmp", which is private to one environment and ends with it, or a directory below /mnt',
            todo="remove `write`, or grant one of these",
        )
    if ".." in path.parts or not path.parts:
        raise grant.refusal(
            "is outside of the package",
            expected=f"a directory below that of {grant.config.name}, without `..`",
            todo="move the data there, and grant a directory that holds only the data",
        )
    if path.parts[0] in (BUNDLE, BOOTSTRAP):
        raise grant.refusal(
            f"has the name of the package's own `{path.parts[0]}`",
            expected="a directory with another name",
            todo="rename the directory",
        )
    return path


def check_absolute(grant: Grant, path: PurePosixPath) -> None:
    """Refuses absolute paths that do not exist on Lambda or cannot be written there."""
    if path == TEMPORARY or MOUNTS in path.parents:
        return
    if LAYERS in path.parents and not grant.write:
        return
    if TEMPORARY in path.parents:
        raise grant.refusal(
            "does not exist when an environment starts, because its /tmp is empty",
            expected='host = "/tmp"',
            todo="grant /tmp itself",
        )
    raise grant.refusal(
        "does not exist on Lambda, or cannot be written there",
        expected="a relative path, which is packaged, or /tmp, or a directory below /mnt or (read-only) /opt",
        todo=f"move the data below the directory of {grant.config.name}, and grant that",
    )


def copy_grants(catalog: dict, config: Path, folder: Path) -> list[PurePosixPath]:
    """Copies the directories that the catalog grants to the same relative paths in the folder."""
    placed = []
    for grant in read_grants(catalog, config):
        path = place(grant)
        if path is not None and path not in placed:
            copy_directory(grant, config.parent / path, folder / path)
            placed.append(path)
    return placed


def copy_directory(grant: Grant, source: Path, target: Path) -> None:
    """Copies files and directories, and refuses everything else."""
    if not source.is_dir():
        raise grant.refusal(
            "is not a directory", expected=f"a directory {source}", todo="create it, or correct the path"
        )
    if not any(source.iterdir()):
        raise grant.refusal(
            "is empty, and an empty directory does not survive packaging",
            expected=f"files in {source}",
            todo="put the data there, or remove the grant",
        )
    for directory, names, files in os.walk(source):
        names.sort()
        below = target / Path(directory).relative_to(source)
        below.mkdir(parents=True, exist_ok=True)
        below.chmod(0o755)
        for name in [*names, *sorted(files)]:
            copy_entry(grant, Path(directory, name), below / name)


def copy_entry(grant: Grant, source: Path, target: Path) -> None:
    """Copies one file and makes it readable for all users, because Lambda runs the function as another user."""
    mode = source.lstat().st_mode
    if stat.S_ISDIR(mode):
        return
    if not stat.S_ISREG(mode):
        raise grant.refusal(
            f"holds {source}, which is neither a file nor a directory",
            expected="files and directories; a package holds no links",
            todo="replace it by a copy",
        )
    shutil.copyfile(source, target)
    target.chmod(0o644)


def write_zip(folder: Path, out: Path) -> None:
    """Writes a zip whose bytes depend on names, contents and executable bits alone."""
    entries = sorted(path for path in folder.rglob("*"))
    size = sum(path.stat().st_size for path in entries if path.is_file())
    if size > UNPACKED_BYTES:
        raise Refusal(
            str(folder),
            "is too large for Lambda",
            found=f"{size} bytes",
            expected=f"at most {UNPACKED_BYTES} bytes, unpacked",
            todo="grant fewer files, or keep them on a file system below /mnt",
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(out.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in entries:
            add(archive, path, path.relative_to(folder).as_posix())
    part.replace(out)


def add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """Adds a file or a directory to a zip."""
    directory = path.is_dir()
    info = zipfile.ZipInfo(name + "/" if directory else name, EPOCH)
    executable = directory or path.stat().st_mode & stat.S_IXUSR
    kind = stat.S_IFDIR if directory else stat.S_IFREG
    info.create_system = 3  # Unix: Lambda keeps the permissions
    info.external_attr = (kind | (0o755 if executable else 0o644)) << 16
    info.compress_type = zipfile.ZIP_STORED if directory else zipfile.ZIP_DEFLATED
    archive.writestr(info, b"" if directory else path.read_bytes(), compresslevel=9)


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    grants = commands.add_parser("grants", help="copy granted directories into the bundle's folder")
    grants.add_argument("--config", type=Path, required=True, help="the toolcell.toml of the bundle")
    grants.add_argument("--into", type=Path, required=True, help="the folder that holds the bundle")
    archive = commands.add_parser("zip", help="zip a folder")
    archive.add_argument("--folder", type=Path, required=True)
    archive.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def main() -> int:
    """Runs one command; returns 3 for refused input, as `toolcell` does."""
    args = arguments()
    try:
        if args.command == "grants":
            for path in copy_grants(read_catalog(sys.stdin.read()), args.config, args.into):
                print(f"{args.into / path}: granted directory")
        else:
            write_zip(args.folder, args.out)
            print(f"{args.out}: {args.out.stat().st_size} bytes")
    except Refusal as refusal:
        print(f"package.py: {refusal}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"package.py: {error}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
