"""Amounts as cooks write them: `150 g`, `1 1/2 tbsp`, `6`."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

# A whole number, a fraction or decimal, or the one and the other; then a unit.
WRITTEN = re.compile(r"(\d+(?![\d./]))? ?(\d+/[1-9]\d*|\d+\.\d+)? ?(\D*)")

# Units that scales show in decimals; everything else comes in parts.
METRIC = {"g", "kg", "ml", "l"}

# The finest part that is written: an eighth.
FINEST = 8


@dataclass(frozen=True)
class Amount:
    number: Fraction
    unit: str

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Reads an amount; None for what nobody measures."""
        match = WRITTEN.fullmatch(text)
        if match is None:
            return None
        whole, part, unit = match.groups()
        number = Fraction(whole or 0) + Fraction(part or 0)
        return cls(number, unit) if number else None

    def for_people(self, people: int, serves: int) -> Self:
        return type(self)(self.number * people / serves, self.unit)

    def __str__(self) -> str:
        if self.unit in METRIC:
            return f"{round(float(self.number), 2):g} {self.unit}"
        eighths = max(round(self.number * FINEST), 1)
        whole, part = divmod(Fraction(eighths, FINEST), 1)
        return " ".join(str(piece) for piece in (whole, part, self.unit) if piece)
