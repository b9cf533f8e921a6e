"""Rewriting protocols consistently: new ballots, invalid ballots and votes, with every other line following."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.form import Form
from tallyscope.returns.table import Returns
from tallyscope.simulation.apportion import split_rows
from tallyscope.simulation.protocol import figures_at, known_at, taking_part, votes_at

__all__ = ["IN_STATION", "OUTSIDE", "Way", "add_to", "is_hour", "paper_for", "rewrite"]

Ints = npt.NDArray[np.int64]

#: Lines that grow by every ballot more in the boxes, and by every valid one; those on the form are used.
_WITH_CAST = ("issued", "voted", "cast")
_WITH_VALID = ("valid", "valid_undisputed", "for_choices")
#: Where the paper for more ballots comes from, and the line that grows when there is not enough of it.
_PAPER = ("cancelled", "unused")
_RECEIVED = "ballots_received"
_HOURS = ("voted_by_", "first_day_", "second_day_")


@dataclass(frozen=True)
class Way:
    """How ballots more come into the boxes, by the lines that count them."""

    issued: str = "issued_in_station"
    box: str = "stationary"
    #: The line that counts the voters with whom the list grows: "added" or "certificates_used"; None: it does not.
    enters: str | None = None
    #: They come after this hour (a column, "voted_by_18"); None: throughout the day, in step with everybody else.
    since: str | None = None


IN_STATION = Way()
OUTSIDE = Way("issued_outside", "portable")


def is_hour(column: str) -> bool:
    """Whether a line is turnout by an hour."""
    return column.startswith(_HOURS)


def rewrite(returns: Returns, at: Ints, cast: Ints, invalid: Ints, votes: Ints, way: Way = IN_STATION) -> Returns:
    """Gives the rows `at` new ballots cast, invalid ballots (at,) and votes (at, choices).

    Ballots more (or fewer) in the boxes are issued and cast the given `way`; turnout by hour follows; the paper
    comes from the cancelled ballots, and where those do not suffice, more were received. Control relations that
    held before hold after. Lines that the form does not have are left out.
    """
    more = cast - figures_at(returns, "cast", at)
    more_valid = more - (invalid - figures_at(returns, "invalid", at))
    deltas = dict.fromkeys((*_WITH_CAST, way.issued, way.box), more) | dict.fromkeys(_WITH_VALID, more_valid)
    deltas["invalid"] = more - more_valid
    deltas |= _on_list(returns, way, more) | _hours(returns, at, more, way.since) | _paper(returns, at, more)
    deltas |= _by_sex(returns, at, more, way)
    deltas |= dict(zip(returns.votes_columns, (votes - votes_at(returns, at)).T, strict=True))
    return add_to(returns, at, deltas)


def add_to(returns: Returns, at: Ints, deltas: Mapping[str, Ints]) -> Returns:
    """Adds (at,) to columns at the rows `at`, those that the table has; a figure that is not known stays so."""
    columns = []
    for name, delta in deltas.items():
        if name in returns.table.columns and delta.any():
            full = np.zeros(len(returns), dtype=np.int64)
            full[at] = delta
            columns.append((returns.table[name] + pl.Series(full)).alias(name))
    return replace(returns, table=returns.table.with_columns(columns))


def paper_for(more: Ints, left: Ints, source: str, received: str) -> dict[str, Ints]:
    """Takes `more` from what is `left` in the line `source`; what it lacks was received besides."""
    missing = np.maximum(more - left, 0)
    return {source: missing - more, received: missing}


def _paper(returns: Returns, at: Ints, more: Ints) -> dict[str, Ints]:
    source = next((c for c in _PAPER if returns.has(c)), None)
    if source is not None:
        return paper_for(more, known_at(returns, source, at), source, _RECEIVED)
    if not returns.has(_RECEIVED):
        return {}
    # No line says what is left of the ballots: they suffice as long as no more are used than were received.
    used = figures_at(returns, taking_part(returns), at)
    lacking = np.maximum(used + more - np.maximum(known_at(returns, _RECEIVED, at), used), 0)
    return {_RECEIVED: lacking}


def _on_list(returns: Returns, way: Way, more: Ints) -> dict[str, Ints]:
    """The list grows with those who enter it, unless the form counts them beside it."""
    if way.enters is None:
        return {}
    beside = _beside_list(returns.election.form, way.enters)
    return {way.enters: more} if beside else {way.enters: more, "registered": more}


def _beside_list(form: Form, line: str) -> bool:
    """Whether a relation of the form adds a line to the voters on the list: then the list does not contain it."""
    terms = [r.residual.terms for r in form.relations]
    return any(t.get("registered", 0) * t.get(line, 0) > 0 for t in terms)


def _hours(returns: Returns, at: Ints, more: Ints, since: str | None) -> dict[str, Ints]:
    """Turnout by hour grows in step with all voters, or with those who came after the hour `since`.

    h' = h + [more (h - s) / (g - s)] for h > s, to the nearest; s: turnout by `since` (or 0), g: all voters. Then
    h <= k implies h' <= k', and nobody comes after g' = g + more.
    """
    all_ = figures_at(returns, taking_part(returns), at)
    start = known_at(returns, since, at) if since is not None and returns.has(since) else np.zeros_like(all_)
    span = np.maximum(all_ - start, 1)
    hours = (c for c in returns.figures if is_hour(c))
    # A report of more voters than there were in the end (in real files) grows no more than they do.
    part = {c: np.clip(known_at(returns, c, at) - start, 0, span) for c in hours}
    return {c: (2 * more * come + span) // (2 * span) for c, come in part.items()}


def _by_sex(returns: Returns, at: Ints, more: Ints, way: Way) -> dict[str, Ints]:
    """Men and women among the voters more (or fewer): as among those who stayed at home (or voted)."""
    if not returns.has("voted_men", "voted_women"):
        return {}
    took = np.column_stack([known_at(returns, c, at) for c in ("voted_men", "voted_women")])
    rest = took
    if returns.has("registered_men", "registered_women"):
        listed = [known_at(returns, c, at) for c in ("registered_men", "registered_women")]
        rest = np.maximum(np.column_stack(listed) - took, 0)
    parts = split_rows(np.maximum(more, 0), rest) - split_rows(np.maximum(-more, 0), took)
    men, women = parts.T
    listed_too = {"registered_men": men, "registered_women": women} if way.enters else {}
    return {"voted_men": men, "voted_women": women, **listed_too}
