"""What the parts of the inference hand to one another: a reading of the file, a claim about a column."""

from __future__ import annotations

from dataclasses import dataclass

from tallyscope.returns.inference.ballots import Around
from tallyscope.returns.inference.figures import Held

__all__ = ["CLEAN", "NAMED", "Claim", "Tally", "sum_strength"]

#: A name this alike is taken at its word.
NAMED = 0.75
#: Totals that clerks add up hold in more rows than this; signatures are counted on their own.
CLEAN = 0.97


@dataclass(frozen=True)
class Tally:
    """One reading of a file: these columns are the choices, this one (if any) is their total."""

    choices: tuple[int, ...]
    total: int | None = None
    #: total = sum of `held.right`, which are the choices and perhaps `inside`.
    held: Held | None = None
    #: Columns within the total that are no choices: role and column.
    inside: tuple[tuple[str, int], ...] = ()
    around: Around | None = None
    score: float = 0.0
    why: str = ""
    #: Every sum that was found on the way.
    sums: tuple[Held, ...] = ()

    @property
    def parts(self) -> tuple[int, ...]:
        """The choices and what stands among them in the total."""
        return (*self.choices, *(c for _, c in self.inside))


@dataclass(frozen=True)
class Claim:
    """That a column has a target, how strongly (0..1), and why. A strength below zero speaks against it."""

    column: int
    target: str
    strength: float
    why: str


def sum_strength(held: Held) -> float:
    """Three or more columns do not add up by chance, even if clerks make mistakes in a third of the rows."""
    return 0.97 * (held.share**0.5 if max(len(held.left), len(held.right)) >= 3 else held.share)
