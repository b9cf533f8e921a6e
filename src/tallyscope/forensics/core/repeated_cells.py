"""Stations sorted into cells, within which they can share a value: a unit, and a window of each figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallyscope.forensics.core.repeated_windows import Windows

__all__ = ["Cells", "cells", "chances", "places"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of at least two stations. order: (members,) stations, cell after cell; start: (cells,) where in `order`
    a cell begins; size, unit: (cells,) its stations and its unit; of: (members,) the cell of each of `order`."""

    order: Ints
    start: Ints
    size: Ints
    unit: Ints
    of: Ints


def cells(unit: Ints, figures: Sequence[Windows]) -> Cells:
    """Cells of stations of one unit and one window of every figure; unit: (stations,) from 0."""
    code = unit.astype(np.int64)
    for figure in figures:
        code = code * 101 + figure.window
    order = np.argsort(code, kind="stable")
    start = np.flatnonzero(np.diff(code[order], prepend=-1))
    size = np.diff(start, append=order.size)
    shared = np.repeat(size > 1, size)
    order, size = order[shared], size[size > 1]
    start = np.cumsum(size) - size
    return Cells(order, start, size, unit[order[start]], np.repeat(np.arange(size.size), size))


def places(figures: Sequence[Windows]) -> tuple[Ints, int]:
    """(stations,) which of the values that its windows allow together a station has, and how many there are."""
    width = figures[0].chance.shape[1]
    place = figures[0].place
    for figure in figures[1:]:
        place = place * width + figure.place
    return place, width ** len(figures)


def chances(figures: Sequence[Windows], stations: Ints, place: Ints) -> Floats:
    """(pairs,) chance of each of `stations` to have the values of `place`, coded as in `places`."""
    width = figures[0].chance.shape[1]
    chance = np.ones(stations.size)
    for figure in reversed(figures):
        chance *= figure.chance[stations, place % width]
        place = place // width
    return chance
