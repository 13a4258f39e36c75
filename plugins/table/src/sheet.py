"""Reads CSV text into a sheet: rows of cells below the names of their columns."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from componentize_py_types import Err
from wit_world.exports.tables import (
    TableError_MisplacedQuote,
    TableError_NoColumns,
    TableError_NotNumeric,
    TableError_RepeatedColumn,
    TableError_TooManyColumns,
    TableError_UnevenLine,
    TableError_UnknownColumn,
)

# Sums of squares of larger numbers would be infinite.
LARGEST_NUMBER = 1e100
MOST_COLUMNS = 1000
DELIMITERS = ",;\t|"
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)

# No cell is longer than a text that a client can send.
csv.field_size_limit(2**31 - 1)


@dataclass
class Sheet:
    columns: list[str]
    rows: list[list[str]]

    def cells(self, column: str) -> list[str]:
        """The cells of a column, from top to bottom."""
        if column not in self.columns:
            raise Err(TableError_UnknownColumn(self.columns))
        at = self.columns.index(column)
        return [row[at] for row in self.rows]

    def numbers(self, column: str) -> list[float | None]:
        """The cells of a column of numbers; an empty cell is None."""
        return [number(cell) if cell else None for cell in self.cells(column)]

    def is_numeric(self, column: str) -> bool:
        """Whether every filled cell of a column is a number, and some cell is filled."""
        filled = [cell for cell in self.cells(column) if cell]
        return bool(filled) and all(map(is_number, filled))


def read(text: str) -> Sheet:
    """Reads a sheet; lines without any cell are passed over."""
    lines = parse(text.removeprefix("\ufeff"))
    _, columns = next(lines, (0, []))
    if not any(columns):
        raise Err(TableError_NoColumns())
    if len(columns) > MOST_COLUMNS:
        raise Err(TableError_TooManyColumns(MOST_COLUMNS))
    for at, name in enumerate(columns):
        if name in columns[:at]:
            raise Err(TableError_RepeatedColumn(name))
    rows = []
    for line, row in lines:
        if len(row) != len(columns):
            raise Err(TableError_UnevenLine(line))
        rows.append(row)
    return Sheet(columns, rows)


def parse(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the number of its last line."""
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error:
        raise Err(TableError_MisplacedQuote(reader.line_num)) from None


def is_number(cell: str) -> bool:
    return NUMBER.fullmatch(cell) is not None and abs(float(cell)) <= LARGEST_NUMBER


def number(cell: str) -> float:
    if not is_number(cell):
        raise Err(TableError_NotNumeric(cell))
    return float(cell)
