"""The recipes of one directory, a TOML file each."""

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SUFFIX = ".toml"


@dataclass
class Recipe:
    name: str
    title: str
    serves: int
    minutes: int
    # What goes in, and how much of it in a cook's words.
    ingredients: dict[str, str]
    steps: list[str]

    @classmethod
    def load(cls, path: Path) -> Self:
        return cls(name=path.stem, **tomllib.loads(path.read_text(encoding="utf-8")))

    def has(self, word: str) -> bool:
        """Whether a word stands among the ingredients."""
        return any(
            word.lower() in ingredient.lower() for ingredient in self.ingredients
        )


class Library:
    def __init__(self, folder: Path):
        self.folder = folder

    def names(self) -> list[str]:
        """The names of all recipes, sorted."""
        files = (path.stem for path in self.folder.iterdir() if path.suffix == SUFFIX)
        return sorted(filter(NAME.fullmatch, files))

    def recipe(self, name: str) -> Recipe | None:
        """A recipe by its name, which may be anything that a client makes up."""
        if NAME.fullmatch(name) is None:
            return None
        try:
            return Recipe.load(self.folder / (name + SUFFIX))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:  # no TOML, or other keys
            print(f"{name}{SUFFIX} is no recipe: {error}", file=sys.stderr)
            return None

    def recipes(self) -> Iterator[Recipe]:
        """All recipes, sorted by name; a file that is none is told of in the log."""
        return filter(None, map(self.recipe, self.names()))
