"""Rewriting protocols consistently: new ballots, invalid ballots and votes, with every other line following."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.returns.table import Returns

__all__ = ["changeable", "figures_at", "rewrite", "room_at", "taking_part", "votes_at"]

Ints = npt.NDArray[np.int64]

#: Lines that grow by every ballot more in the boxes, and by every valid one; those on the form are used.
_WITH_CAST = ("issued", "issued_in_station", "voted", "cast", "stationary")
_WITH_VALID = ("valid", "valid_undisputed", "for_choices")
#: Where the paper for more ballots comes from, and the line that grows when there is not enough of it.
_PAPER = ("cancelled", "unused")
_RECEIVED = "ballots_received"


def taking_part(returns: Returns) -> str:
    """The column whose quotient with `registered` is the turnout: ballots issued, or cast where none are issued."""
    return "issued" if returns.has("issued") else "cast"


def changeable(returns: Returns) -> npt.NDArray[np.bool_]:
    """Which rows are ordinary stations whose figures are known, with no more ballots than voters, (rows,)."""
    columns = ["registered", taking_part(returns), "cast", "invalid", "valid", *returns.votes_columns]
    known = pl.all_horizontal(pl.col(columns).is_not_null())
    sound = pl.max_horizontal(taking_part(returns), "cast") <= pl.col("registered")
    good = known & sound & (pl.col("kind") == "station") & (pl.col("status") == "reported")
    return returns.table.select(good.fill_null(False)).to_series().to_numpy()


def figures_at(returns: Returns, column: str, at: Ints) -> Ints:
    """One column at the rows `at`, (at,) int64; the rows must be known."""
    return returns.table[column].gather(at).cast(pl.Int64).to_numpy()


def votes_at(returns: Returns, at: Ints) -> Ints:
    """The votes of every choice at the rows `at`, (at, choices) int64."""
    return np.column_stack([figures_at(returns, c, at) for c in returns.votes_columns])


def room_at(returns: Returns, at: Ints) -> Ints:
    """How many ballots can be added at the rows `at` before there are more than voters on the list, (at,)."""
    used = [figures_at(returns, c, at) for c in (taking_part(returns), "cast")]
    if returns.has("voted"):
        used.append(returns.table["voted"].gather(at).fill_null(0).to_numpy())
    room: Ints = np.maximum(figures_at(returns, "registered", at) - np.max(used, axis=0), 0)
    return room


def rewrite(returns: Returns, at: Ints, cast: Ints, invalid: Ints, votes: Ints) -> Returns:
    """Gives the rows `at` new ballots cast, invalid ballots (at,) and votes (at, choices).

    Ballots more (or fewer) in the boxes are issued in the station and lie in its stationary box; the paper comes
    from the cancelled ballots, and where those do not suffice, more were received. Control relations that held
    before hold after; early, home and certificate lines stay. Lines that the form does not have are left out.
    """
    more = cast - figures_at(returns, "cast", at)
    more_valid = more - (invalid - figures_at(returns, "invalid", at))
    deltas = dict.fromkeys(_WITH_CAST, more) | dict.fromkeys(_WITH_VALID, more_valid)
    deltas["invalid"] = more - more_valid
    deltas |= _paper(returns, at, more)
    deltas |= dict(zip(returns.votes_columns, (votes - votes_at(returns, at)).T, strict=True))
    return _added(returns, at, deltas)


def _paper(returns: Returns, at: Ints, more: Ints) -> dict[str, Ints]:
    source = next((c for c in _PAPER if returns.has(c)), None)
    if source is None:
        return {}
    left = returns.table[source].gather(at).fill_null(0).to_numpy()
    missing = np.maximum(more - left, 0)
    return {source: missing - more, _RECEIVED: missing}


def _added(returns: Returns, at: Ints, deltas: Mapping[str, Ints]) -> Returns:
    """Adds to the columns that the table has; a figure that is not known stays so."""
    columns = []
    for name, delta in deltas.items():
        if name in returns.table.columns and delta.any():
            full = np.zeros(len(returns), dtype=np.int64)
            full[at] = delta
            columns.append((returns.table[name] + pl.Series(full)).alias(name))
    return replace(returns, table=returns.table.with_columns(columns))
