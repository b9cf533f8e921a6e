"""The body of a bulletin: everything that it says, as one value of whole numbers and texts.

    units      every commission: stations, protocols processed, what they add up to, turnout and shares
    kinds      what kinds of station are in: by kind, and by voters on their lists before voting
    missing    the stations without a protocol, by commission
    corrections  since the last bulletin, with the figures before and after
    audit      how many entries the audit trail had, and the hash of the last, to which all of them lead
    unbalanced protocols that break a relation of the form, which is why totals may
    still_out  between what and what every share will be, whatever the protocols that are out say (format 2)
    outcome    what is certain by now, and its arithmetic

Shares are texts with two decimals; what is divided by nothing is null, and so is a figure that no protocol tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tallyscope.election.form import DENOMINATORS
from tallyscope.election.outcome import Outcome, outcome, share_bounds
from tallyscope.election.outcome.words import sentences
from tallyscope.ledger.bulletins.changes import Correction
from tallyscope.ledger.bulletins.recount import Recount
from tallyscope.ledger.bulletins.state import State
from tallyscope.ledger.bulletins.unbalanced import Unbalanced
from tallyscope.ledger.record import Record
from tallyscope.ledger.words import canonical, moment, percent_text, sha256

__all__ = ["FORMAT", "Head", "body_of", "unit_columns"]

FORMAT = "tallyscope bulletin 2"
#: Without `still_out`.
_FIRST_FORMAT = "tallyscope bulletin 1"
#: Counts that the sums have under another name.
_BOOKS = {"pseudo_processed": "pseudo_in"}
_COUNTS = ("stations", "processed", "zero", "annulled", "pseudo", "pseudo_processed")


@dataclass(frozen=True)
class Head:
    """What a bulletin is called. `previous`: number, size and time of the last one; None for the first.

    `audit`: `entries` and `head` of the audit trail; None in bulletins from before it was signed.
    """

    number: int
    published_at: datetime
    published_by: str
    size: int
    root: bytes
    previous: tuple[int, int, datetime] | None
    audit: Mapping[str, Any] | None = None
    format: str = FORMAT


def body_of(record: Record, state: State, head: Head, opened_with: Mapping[str, Any] | str) -> dict[str, Any]:
    """The body, in the format of its head.

    `opened_with`: as `stations.digests` tells it for the first bulletin, its hash for the others.
    """
    said = None if isinstance(opened_with, str) else dict(opened_with)
    election, last, counted = record.election, head.previous, state.counted
    nation = counted.sums.nation
    trail = {} if head.audit is None else {"audit": dict(head.audit)}
    out = {} if head.format == _FIRST_FORMAT else {"still_out": _still_out(counted)}
    return {
        **trail,
        **out,
        "format": head.format,
        "election": {"id": election.id, "title": election.title},
        "origin": record.origin,
        "number": head.number,
        "published_at": moment(head.published_at),
        "published_by": head.published_by,
        "previous": last[0] if last else None,
        "seconds_since_previous": int((head.published_at - last[2]).total_seconds()) if last else None,
        "size": head.size,
        "root": head.root.hex(),
        "opened_with": said,
        "opened_with_sha256": opened_with if isinstance(opened_with, str) else sha256(canonical(said)).hex(),
        "processed": nation["reported"] + nation["zero"],
        "of": election.stations if election.stations is not None else nation["stations"],
        "choices": [{"id": c.id, "name": c.name} for c in election.choices],
        "shares_of": DENOMINATORS[election.form.denominator],
        "units": {"columns": list(unit_columns(record)), "rows": _units(record, state)},
        "kinds": [
            {"kind": k.kind, "voters_up_to": k.largest, "stations": k.stations, "processed": k.processed}
            for k in state.kinds
        ],
        "missing": state.missing,
        "corrections": [_correction(c) for c in state.corrections],
        "unbalanced": [_unbalanced(u) for u in state.unbalanced],
        "outcome": _outcome(record, counted),
    }


def unit_columns(record: Record) -> tuple[str, ...]:
    """The columns of `units`: level and path, whole numbers, and texts for turnout and shares."""
    shares = (f"share_{c.id}" for c in record.election.choices)
    return ("level", "path", *_COUNTS, *record.empty.figures, "turnout", *shares)


def _units(record: Record, state: State) -> list[list[Any]]:
    """One row a commission, in the order of `unit_columns`."""
    sums = state.counted.sums

    def listed(name: str) -> list[int]:
        return list(sums.column(name).tolist())

    processed = (sums.column("reported") + sums.column("zero")).tolist()
    counts = [processed if c == "processed" else listed(_BOOKS.get(c, c)) for c in _COUNTS]
    figures = [
        [n if known else None for n, known in zip(listed(f), listed(f"known_{f}"), strict=True)]
        for f in record.empty.figures
    ]
    shares = [
        [percent_text(*pair) for pair in zip(listed(f"{r}_part"), listed(f"{r}_whole"), strict=True)]
        for r in ("turnout", *(f"share_{c.id}" for c in record.election.choices))
    ]
    places = ((unit.level, list(unit.path)) for unit in state.commissions.values())
    numbers = zip(*counts, *figures, *shares, strict=True)
    return [[*place, *row] for place, row in zip(places, numbers, strict=True)]


def _unbalanced(u: Unbalanced) -> dict[str, Any]:
    return {"station": u.station, "version": u.version, "relation": u.relation, "by": u.by}


def _correction(c: Correction) -> dict[str, Any]:
    return {
        "station": c.station,
        "version": c.version,
        "supersedes": c.supersedes,
        "at": moment(c.at),
        "stage": c.stage,
        "reason": c.reason,
        "changes": {figure: list(values) for figure, values in c.changes.items()},
    }


def _still_out(counted: Recount) -> dict[str, Any]:
    """`between`: choice -> per cent, low and high; null if nothing is out or nobody knows how much.

    `ballots_at_most`: voters on the lists of what is out; null if a list is not known.
    """
    bounds = share_bounds(counted.counted, counted.out)
    texts = {c: [f"{n // 100}.{n % 100:02d}" for n in pair] for c, pair in (bounds or {}).items()}
    return {
        "protocols": counted.out.stations,
        "ballots_at_most": counted.out.most,
        "between": texts if bounds is not None else None,
    }


def _outcome(record: Record, counted: Recount) -> dict[str, Any] | None:
    rule = record.election.outcome
    if rule is None:
        return None
    found = outcome(rule, counted.counted, counted.out)
    names = {c.id: c.name for c in record.election.choices}
    return {
        "rule": rule.source,
        "status": found.status,
        "elected": found.elected,
        "run_off": list(found.run_off),
        "tied": list(found.tied),
        "leader": found.leader,
        "second": found.second,
        "margin": found.margin,
        "votes": dict(found.counted.votes),
        "base": found.counted.base,
        "out": {"protocols": found.out.stations, "voters": found.out.voters, "unlisted": found.out.unlisted},
        "seats": dict(found.seats),
        "passing": _passing(found),
        "sentences": list(sentences(found, rule, names)),
    }


def _passing(found: Outcome) -> dict[str, Sequence[str]] | None:
    p = found.passing
    return None if p is None else {"over": list(p.over), "under": list(p.under), "open": list(p.open)}
