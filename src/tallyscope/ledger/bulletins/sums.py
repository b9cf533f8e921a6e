"""Whole numbers of every commission, as one array: added up along the tree, read by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tallyscope.ledger.bulletins.tree import Commission

__all__ = ["Lowest", "Sums", "rolled_up"]

Ints = npt.NDArray[np.int64]
#: Commissions, and (commissions, names) numbers of theirs.
Lowest = tuple[Sequence[int], Ints]


@dataclass(frozen=True, eq=False)
class Sums:
    """`values`: (commissions, names) int64; commissions in the order of the tree, the nation first."""

    commissions: Mapping[int, Commission]
    names: tuple[str, ...]
    values: Ints

    @cached_property
    def _at(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def rows(self) -> dict[int, int]:
        """Commission -> row of `values`."""
        return {id: i for i, id in enumerate(self.commissions)}

    def column(self, name: str) -> Ints:
        """(commissions,) one number of each."""
        column: Ints = self.values[:, self._at[name]]
        return column

    def __getitem__(self, commission: int) -> dict[str, int]:
        """All numbers of one commission."""
        return dict(zip(self.names, self.values[self.rows[commission]].tolist(), strict=True))

    @property
    def nation(self) -> dict[str, int]:
        """All numbers of the whole count."""
        return dict(zip(self.names, self.values[0].tolist(), strict=True))


def rolled_up(lowest: Iterable[Lowest], names: tuple[str, ...], commissions: Mapping[int, Commission]) -> Sums:
    """Sums of every commission from numbers of those that have stations; whose are told twice are added up."""
    at = {id: i for i, id in enumerate(commissions)}
    values = np.zeros((len(at), len(names)), dtype=np.int64)
    for units, numbers in lowest:
        np.add.at(values, [at[id] for id in units], numbers)
    # What is below comes later in the tree, so one pass from the end carries everything to the top.
    for id, commission in reversed(list(commissions.items())):
        if len(commission.above) > 1:
            values[at[commission.above[1]]] += values[at[id]]
    return Sums(commissions, names, values)
