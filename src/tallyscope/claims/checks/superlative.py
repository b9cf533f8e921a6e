"""Superlatives ("unique", "absolute victory", "a record") beside the elections of the registry.

A superlative without a measure is an opinion, and is never called true or false. What can be said is what was
measured: how the winner's share ranks among the country's elections of the same kind, of which denominator, and on
which totals; and whether a victory was by more than half.
"""

from __future__ import annotations

from dataclasses import dataclass

from tallyscope.claims.checks.count import declared_of
from tallyscope.claims.checks.shares import Known
from tallyscope.claims.checks.verdict import Check
from tallyscope.election.election import Election
from tallyscope.election.form import DENOMINATORS
from tallyscope.election.load import election_ids, load_election

__all__ = ["Peer", "check_superlative", "peers"]


@dataclass(frozen=True)
class Peer:
    """An election of the registry. `share`: the winner's, per cent of the law's denominator, official totals."""

    id: str
    title: str
    winner: str
    share: float


def peers(election: Election) -> tuple[Peer, ...]:
    """The country's registered elections of the same kind with official totals, the largest share first."""
    found = []
    for id in election_ids():
        other = load_election(id)
        known = declared_of(other) if _kind(other.id) == _kind(election.id) else None
        if known is None:
            continue
        winner = max(known.official.votes, key=lambda c: known.official.votes[c])
        share = known.official.share(winner, other.form.denominator)
        found.append(Peer(other.id, other.title, other.choice(winner).name, share))
    return tuple(sorted(found, key=lambda p: -p.share))


def _kind(id: str) -> tuple[str, ...]:
    """RU-PRES-2024 -> RU, PRES: ids say the country and the kind."""
    return tuple(id.split("-")[:2])


def check_superlative(known: Known) -> Check:
    """What the registry can say of a superlative about this result; the verdict is always not checkable."""
    election, totals = known.election, known.declared
    base = election.form.denominator
    winner = max(totals.votes, key=lambda c: totals.votes[c])
    share, of = totals.share(winner, base), DENOMINATORS[base]
    others = peers(election)
    half = "more" if share > 50 else "not more"
    text = f"{election.choice(winner).name} has {share:.2f} % of {of} by the declared totals, {half} than half."
    rank = next((i for i, p in enumerate(others, 1) if p.id == election.id), None)
    if rank and len(others) > 1:
        text += f" That is the {_ordinal(rank)} share of the winner among {len(others)} elections of the registry."
    text += " A superlative without a measure is neither true nor false."
    if known.released is not None and known.official is not None:
        released = known.released.share(winner, base)
        text += f" On the published protocols alone it is {released:.2f} %."
    lines = tuple(f"{p.share:.2f} % of {of}: {p.winner}, {p.title}" for p in others)
    details = {"winner": winner, "share": share, "rank": rank, "peers": [vars(p) for p in others]}
    return Check("not-checkable", text, details, of, "", lines)


def _ordinal(rank: int) -> str:
    names = {1: "largest", 2: "second largest", 3: "third largest"}
    return names.get(rank, f"{rank}th largest")
