"""Protocols reckoned from a result: ballots cast and the votes of one choice are given, the rest follows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.election.form import Denominator
from tallyscope.simulation.apportion import split_rows
from tallyscope.simulation.mechanisms.acting import Protocols

__all__ = ["of_part", "whole", "with_votes"]

Ints = npt.NDArray[np.int64]


def of_part(part: Ints, of: int, total: Ints) -> Ints:
    """`part` / `of` of each `total`, to the nearest whole number, halves up; exact in integers."""
    return (2 * part * total + of) // (2 * of)


def whole(before: Protocols, valid: Ints, cast: Ints, denominator: Denominator) -> Ints:
    """What a share is a share of once the protocols have `cast` ballots, (stations,). `valid`: as it was before."""
    if denominator == "cast":
        return cast
    # Blank ballots that count as valid stay as many as they are.
    return np.asarray(np.maximum(valid + (cast - before.cast) - (_invalid(before, cast) - before.invalid), 0))


def with_votes(before: Protocols, cast: Ints, won: Ints, column: int) -> Protocols:
    """Protocols of `cast` ballots in which the choice in `column` has `won` votes, or as many as there can be.

    Invalid ballots keep their share of ballots cast (or what the choice leaves of it), ballots that are neither
    invalid nor for a choice stay, and the other choices divide the rest as they did before.
    """
    neither = before.cast - before.invalid - before.votes.sum(axis=1)
    won = np.clip(won, 0, cast - neither)
    invalid = np.minimum(_invalid(before, cast), cast - neither - won)
    others = split_rows(cast - neither - invalid - won, np.delete(before.votes, column, axis=1))
    return Protocols(cast, invalid, np.insert(others, column, won, axis=1))


def _invalid(before: Protocols, cast: Ints) -> Ints:
    """Invalid ballots at their share of ballots cast, to the nearest."""
    return np.rint(before.invalid * (cast / np.maximum(before.cast, 1))).astype(np.int64)
