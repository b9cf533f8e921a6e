"""Lines of a protocol for the second path: the form's derived figures and relations, in SQL and in whole numbers.

Written apart from `returns.build` and `returns.checks` on purpose: what both paths say must have been said twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tallyscope.election.election import Election
from tallyscope.election.relation import CHOICES, Linear, Relation
from tallyscope.election.roles import VOTES

__all__ = ["Lines"]

#: Figures that follow from others where the form neither prints nor defines them; the first that it can.
_FOLLOWS: dict[str, tuple[tuple[str, ...], ...]] = {
    "issued": (("issued_early", "issued_in_station", "issued_outside"), ("issued_in_station", "issued_outside")),
    "valid": (("for_choices",), (CHOICES,)),
    "cast": (("valid", "blank", "invalid"), ("valid", "invalid"), ("portable", "stationary")),
}


@dataclass(frozen=True)
class Lines:
    """The figures of an election's protocols; `columns`: those that the table `figures` has."""

    election: Election
    columns: tuple[str, ...]

    @cached_property
    def votes(self) -> tuple[str, ...]:
        """The columns of the choices' votes."""
        return tuple(c for c in self.columns if c.startswith(VOTES))

    def parts(self, role: str) -> Mapping[str, int] | None:
        """A figure as a weighted sum of columns; None if the form does not tell it."""
        if role in self.columns:
            return {role: 1}
        if role == CHOICES:
            return dict.fromkeys(self.votes, 1) or None
        if role in self.election.form.derived:
            return self.linear(self.election.form.derived[role])
        for way in _FOLLOWS.get(role, ()):
            if found := self.linear(Linear(dict.fromkeys(way, 1.0))):
                return found
        return None

    def linear(self, of: Linear) -> Mapping[str, int] | None:
        """A sum of roles as one of columns; None if one is not told, or a factor is not whole."""
        weights: dict[str, int] = {}
        for role, factor in of.terms.items():
            parts = self.parts(role)
            if parts is None or factor != int(factor):
                return None
            for column, weight in parts.items():
                weights[column] = weights.get(column, 0) + int(factor) * weight
        return None if of.constant else weights

    def value(self, role: str, row: Mapping[Any, int | None]) -> int | None:
        """The figure of one protocol, or of sums of protocols; None if a part of it is not known."""
        parts = self.parts(role)
        return None if parts is None else weighted(parts, row)

    @cached_property
    def hard(self) -> Sequence[tuple[Relation, Mapping[str, int]]]:
        """The hard relations that can be told, with their residuals over columns."""
        found = [(r, self.linear(r.residual)) for r in self.election.form.relations if r.level == "hard"]
        return [(relation, parts) for relation, parts in found if parts is not None]


def weighted(parts: Mapping[str, int], row: Mapping[Any, int | None]) -> int | None:
    """The weighted sum; None if a part of it is not known."""
    total = 0
    for column, weight in parts.items():
        value = row[column]
        if value is None:
            return None
        total += weight * value
    return total
