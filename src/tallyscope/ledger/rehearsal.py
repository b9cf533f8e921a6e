"""A past election made ready to be played as a night: its order, its times, and where errors come in first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.ledger.protocols import with_protocol
from tallyscope.ledger.replay import ORDERS, Night, Unordered, by_key, by_unit, spread, with_corrections
from tallyscope.returns.table import Returns
from tallyscope.tally import UnknownLevel, level_named

__all__ = ["LENGTH", "Rehearsal", "rehearse"]

#: A replayed night is this long where the file has no times of arrival.
LENGTH = timedelta(hours=12)
_CLOSED = time_of_day(18, tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """A night that is ready to be played.

    `night.protocol` are rows of `returns`; `seconds`: (events,) int64, since `start`, at which each event happens.
    """

    returns: Returns
    night: Night
    start: datetime
    seconds: npt.NDArray[np.int64]

    @property
    def protocols(self) -> int:
        """How many stations have a protocol at the end."""
        return int(np.count_nonzero(~self.night.corrects))

    def at(self, event: int) -> datetime:
        """The simulated time of an event."""
        return self.start + timedelta(seconds=int(self.seconds[event]))


def rehearse(
    returns: Returns,
    order: str,
    *,
    seed: int = 1,
    corrections: float = 0.0,
    start: datetime | None = None,
    length: timedelta = LENGTH,
) -> Rehearsal:
    """The night of these returns in an order of `replay.ORDERS`; `corrections`: share that comes in wrong first.

    `start`: when the simulated night begins; 18:00 UTC of the last voting day unless given, and in the order of
    time the first arrival. Raises Unordered where the table lacks what the order needs, ValueError otherwise.
    """
    rows = with_protocol(returns)
    sequence = rows[_order(returns, rows, order, seed)]
    night = with_corrections(sequence, _can_slip(returns), corrections, seed)
    begin = start if start is not None else _evening(returns)
    seconds = spread(night.protocol.size, length)
    if order == "time" and rows.size:
        arrived = returns.table["arrived"].dt.epoch("s").fill_null(0).to_numpy()[sequence]
        begin = datetime.fromtimestamp(int(arrived[0]), UTC)
        # A correction comes with the protocol it comes after: the file knows of no corrections.
        seconds = (arrived - arrived[0])[np.maximum(night.processed - 1, 0)]
    return Rehearsal(returns, night, begin, seconds)


def _order(returns: Returns, rows: npt.NDArray[np.int64], order: str, seed: int) -> npt.NDArray[np.int64]:
    if order not in ORDERS:
        raise Unordered(f"there is no order {order!r}; there are: {', '.join(ORDERS)}")
    if order == "random":
        return by_key(None, rows.size, seed)
    if order == "time":
        return by_key(_arrived(returns, rows), rows.size, seed)
    if order == "small-first":
        if not returns.has("registered"):
            raise Unordered("the table has no voters on the list, so nobody knows which stations are small")
        size = returns.table["registered"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return by_key(size[rows], rows.size, seed)
    return by_unit(returns.codes(_levels(returns, order))[0][rows], seed)


def _levels(returns: Returns, order: str) -> Sequence[str]:
    """`region`: the top level; `tik`: the lowest one above the station, by any of its names."""
    if not returns.levels:
        raise Unordered(f"the table has no levels above the station: it cannot be played by {order}")
    if order == "region":
        return returns.levels[:1]
    try:
        return returns.levels[: returns.levels.index(level_named(returns, order)) + 1]
    except UnknownLevel:
        return returns.levels


def _arrived(returns: Returns, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    if "arrived" not in returns.table.columns:
        raise Unordered(
            "the file does not say when its protocols arrived: it cannot be played by time; "
            "take another order, or give earlier states of the count with --arrived-in FILE@TIME"
        )
    times = returns.table["arrived"].gather(rows)
    if unknown := times.null_count():
        raise Unordered(f"{unknown:,} of {rows.size:,} protocols have no time of arrival: take another order")
    return times.dt.epoch("us").to_numpy()


def _evening(returns: Returns) -> datetime:
    days = returns.election.voting_days
    return datetime.combine(days[-1] if days else datetime.now(UTC).date(), _CLOSED)


def _can_slip(returns: Returns) -> npt.NDArray[np.bool_]:
    """Where the votes of two neighbouring choices differ: there they can be written into each other's lines."""
    votes = returns.votes_columns
    pairs = [(pl.col(a) != pl.col(b)).fill_null(False) for a, b in pairwise(votes)]
    if not pairs:
        return np.zeros(len(returns), dtype=np.bool_)
    return returns.table.select(pl.any_horizontal(pairs).alias("able"))["able"].to_numpy()
