"""What is wrong with an input: every problem at once, each with file, row, column and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["SHOWN", "Problem", "ReadError", "capped"]

#: Of one kind of problem this many are told one by one, the rest as a count.
SHOWN = 20


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `row`: of the file, the header being row 1 unless lines stand above it."""

    file: str
    text: str
    hint: str = ""
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        where = [self.file]
        if self.row is not None:
            where.append(f"row {self.row:,}")
        if self.column is not None:
            where.append(f"column {self.column!r}")
        return f"{', '.join(where)}: {self.text}" + (f" {self.hint}" if self.hint else "")


class ReadError(ValueError):
    """The input cannot be read as returns; `problems` has every reason."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


def capped(problems: list[Problem], total: int, what: str) -> list[Problem]:
    """The first problems of a kind, and one that says how many more there are. `total`: all of them."""
    if total <= len(problems[:SHOWN]):
        return problems
    more = Problem(problems[0].file, f"and {total - SHOWN:,} more {what}.")
    return [*problems[:SHOWN], more]
