"""What is in a sheet: counts, statistics, groups, relations."""

import statistics
from collections import Counter
from math import fsum

from componentize_py_types import Err
from wit_world.exports.tables import (
    Column,
    Description,
    Group,
    Occurrence,
    Relation,
    Statistics,
    TableError_NothingToCompare,
)

from sheet import Sheet

MOST_COMMON = 5


def describe(sheet: Sheet) -> Description:
    columns = [describe_column(sheet, name) for name in sheet.columns]
    return Description(len(sheet.rows), columns)


def describe_column(sheet: Sheet, name: str) -> Column:
    filled = [cell for cell in sheet.cells(name) if cell]
    counts = Counter(filled)
    return Column(
        name=name,
        filled=len(filled),
        distinct=len(counts),
        most_common=[Occurrence(*pair) for pair in counts.most_common(MOST_COMMON)],
        statistics=summarize(sheet.numbers(name)) if sheet.is_numeric(name) else None,
    )


def group(sheet: Sheet, by: str, of: str) -> list[Group]:
    groups: dict[str, list[float | None]] = {}
    for value, number in zip(sheet.cells(by), sheet.numbers(of)):
        groups.setdefault(value, []).append(number)
    return [
        Group(value, len(numbers), summarize(numbers))
        for value, numbers in groups.items()
    ]


def relate(sheet: Sheet, x: str, y: str) -> Relation:
    pairs = zip(sheet.numbers(x), sheet.numbers(y))
    filled = [(a, b) for a, b in pairs if a is not None and b is not None]
    try:
        xs = [a for a, _ in filled]
        ys = [b for _, b in filled]
        correlation = statistics.correlation(xs, ys)
        slope, intercept = statistics.linear_regression(xs, ys)
    except statistics.StatisticsError:
        raise Err(TableError_NothingToCompare()) from None
    return Relation(len(filled), correlation, slope, intercept)


def summarize(cells: list[float | None]) -> Statistics | None:
    """Statistics of the numbers among cells."""
    numbers = sorted(cell for cell in cells if cell is not None)
    if not numbers:
        return None
    lower, median, upper = quartiles(numbers)
    return Statistics(
        sum=fsum(numbers),
        mean=statistics.fmean(numbers),
        minimum=numbers[0],
        lower_quartile=lower,
        median=median,
        upper_quartile=upper,
        maximum=numbers[-1],
        standard_deviation=statistics.stdev(numbers) if len(numbers) > 1 else None,
    )


def quartiles(numbers: list[float]) -> list[float]:
    if len(numbers) == 1:
        return numbers * 3
    return statistics.quantiles(numbers, n=4, method="inclusive")
