"""What a mixture is fitted to: stations in blocks that fit a processor's cache, and the units they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.mixture.nodes import Grid, PseudoData, Station
from tallyscope.forensics.core.mixture.parameters import names

__all__ = ["HONEST", "Blocks", "Level", "Shape", "Stations", "blocks", "shape_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Array = Any

#: Rows of a station as it is: plain, atypical.
HONEST = 2
#: Stations a block: 28 rows of six figures in single precision for each of them come to half a megabyte.
_BLOCK = 1024
#: Stands for -inf, whose gradient cannot be carried.
_IMPOSSIBLE = -1e4
#: The variance of stations that fill the last block up: they weigh nothing.
_NOTHING_KNOWN = 1e12


@dataclass(frozen=True)
class Level:
    """A level with effects of its own. `centred`: its units' means are sampled as they are; else how far they are
    from the unit above, in spreads: better where the data say little of a single unit."""

    name: str
    units: int
    centred: bool


@dataclass(frozen=True)
class Shape:
    """What the compiled posterior depends on. `levels`: the top one first; the rest: the rows' bins (see Grid), the
    first `HONEST` rows being a station as it is: plain, atypical."""

    levels: tuple[Level, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    r: tuple[float, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """The names of the global parameters, in order."""
        return names(tuple(level.name for level in self.levels))

    @property
    def effects(self) -> int:
        """How many effects all units have together."""
        return 2 * sum(level.units for level in self.levels)


@dataclass(frozen=True, eq=False)
class Stations:
    """`counts`, and what nodes make of each station: `data`, and `atypical`, the node of one that lies far
    from its place as it is; `base`: (stations,) log constant that all rows are told less; `size`: (stations,)
    standardised log of its voters; `unit`: (stations,) number of its unit of the lowest level; `parents`: for each
    level, its units' units one level up (zeros for the top one)."""

    counts: Station
    data: PseudoData
    atypical: PseudoData
    base: Floats
    nodes: Grid
    size: Floats
    unit: Ints
    parents: tuple[Ints, ...]


class Blocks(NamedTuple):
    """The data, in single precision: `rows`: u, v, uu, uv, vv, log constant, (blocks, rows, block) each; `size`,
    `unit`: (blocks, block); `parents` as in Stations."""

    rows: tuple[Array, ...]
    size: Array
    unit: Array
    parents: tuple[Array, ...]


def shape_of(nodes: Grid, levels: Sequence[Level]) -> Shape:
    """The shape of a problem on this grid; the row of a station as it is comes `HONEST` times."""
    rows = [0] * HONEST + list(range(1, nodes.s.size))
    low, high, r = (tuple(one[rows].tolist()) for one in (nodes.low, nodes.high, nodes.r))
    return Shape(tuple(levels), low, high, r)


def blocks(stations: Stations) -> Blocks:
    """The stations in blocks; the last one is filled up with stations of which nothing is known."""
    data, far, n = stations.data, stations.atypical, stations.size.size
    block = min(_BLOCK, n)
    count = -(-n // block)
    every = [[d.u, d.v, d.uu, d.uv, d.vv, d.log_constant] for d in (data, far)]
    plain, atypical = (np.stack(one) for one in every)
    wide = np.concatenate([plain[:, :1], atypical, plain[:, 1:]], axis=1)
    wide[5] = np.where(np.isfinite(wide[5]), wide[5], _IMPOSSIBLE) - stations.base
    wide = wide.astype(np.float32)
    filled = np.zeros((*wide.shape[:2], count * block), dtype=np.float32)
    filled[[2, 4]] = _NOTHING_KNOWN
    filled[..., :n] = wide
    rows = filled.reshape(*wide.shape[:2], count, block).transpose(0, 2, 1, 3)
    size = np.zeros(count * block, dtype=np.float32)
    unit = np.zeros(count * block, dtype=np.int32)
    size[:n], unit[:n] = stations.size, stations.unit
    up = tuple(jnp.asarray(p, dtype=jnp.int32) for p in stations.parents)
    across = (count, block)
    return Blocks(
        tuple(map(jnp.asarray, rows)), jnp.asarray(size.reshape(across)), jnp.asarray(unit.reshape(across)), up
    )
