"""A figure as it was printed: its value, exactly, and half a unit of its last decimal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Printed", "rounds_to"]

_NUMBER = re.compile(r"[0-9]{1,15}(?:[.,][0-9]{1,12})?")


@dataclass(frozen=True)
class Printed:
    """`value` and `half` in the unit that was printed (per cent, mostly)."""

    value: Fraction
    decimals: int

    @classmethod
    def of(cls, text: str) -> Printed:
        """Reads "63.75", "63,75" or "99.3": the decimals are those written. Raises ValueError."""
        if not _NUMBER.fullmatch(text.strip()):
            raise ValueError(f"{text[:40]!r} is not a printed number")
        whole = text.strip().replace(",", ".")
        return cls(Fraction(whole), len(whole.partition(".")[2]))

    @property
    def half(self) -> Fraction:
        """Half a unit of the last decimal."""
        return Fraction(1, 2 * 10**self.decimals)

    @property
    def low(self) -> Fraction:
        """The least that is rounded to it."""
        return self.value - self.half

    @property
    def high(self) -> Fraction:
        """The most that is rounded to it (itself may round up: both ends are granted)."""
        return self.value + self.half

    def __str__(self) -> str:
        return f"{float(self.value):.{self.decimals}f}"


def rounds_to(value: float | Fraction, printed: Printed) -> bool:
    """True if `value` would be printed so, either way at the very half."""
    return bool(printed.low <= value <= printed.high)
