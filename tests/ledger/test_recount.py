"""The second path: plain SQL over the record says what a tally of the returns says, at any moment of a night."""

from __future__ import annotations

from dataclasses import replace

import pytest

from made_count import corrected, good_returns, odd_night, opened, protocols
from tallyscope.ledger.bulletins import statements
from tallyscope.ledger.bulletins.kinds import SIZES
from tallyscope.ledger.bulletins.recount import recount
from tallyscope.ledger.bulletins.state import gathered
from tallyscope.ledger.bulletins.tree import tree
from tallyscope.ledger.database import reading
from tallyscope.ledger.store import Ledger
from tallyscope.ledger.version import Version
from tallyscope.tally.outcome import counted_and_out
from tallyscope.tally.parts import parts


def tallied(ledger: Ledger, size: int) -> dict[tuple[str, ...], dict[str, int]]:
    """Path -> parts, by way of the returns."""
    returns, found = ledger.returns(as_of=size), {}
    for depth in range(len(returns.levels) + 1):
        keys = returns.levels[:depth]
        for row in parts(returns, keys).iter_rows(named=True):
            found[tuple(row[k] for k in keys)] = {p: row[p] for p in ledger.record.parts}
    return found


@pytest.mark.parametrize("seed", range(2))
def test_every_moment_of_an_odd_night_is_added_up_alike_by_both_paths(seed: int, database_url: str) -> None:
    returns = good_returns()
    with opened(database_url, returns) as ledger:
        sizes = odd_night(ledger, returns, seed)
        for size in [*sizes[:: max(1, len(sizes) // 5)], sizes[-1]]:
            with reading(ledger.engine) as connection:
                commissions = tree(connection)
                found = recount(connection, ledger.record, size, commissions)
            expected = tallied(ledger, size)
            for id, commission in commissions.items():
                ours = {p: found.sums[id][p] for p in ledger.record.parts}
                assert ours == expected[commission.path], (size, commission.path)
            assert (found.counted, found.out) == counted_and_out(ledger.returns(as_of=size), "cast")
            assert found.twice == ()
            with reading(ledger.engine) as connection:
                told = gathered(connection, ledger.record, size, 0).kinds
            nation, ordinary = found.sums.nation, [k for k in told if k.kind == "station"]
            assert sum(k.stations for k in ordinary) == nation["stations"]
            assert sum(k.processed for k in ordinary) == nation["reported"] + nation["zero"]


def lacking(version: Version, columns: tuple[str, ...]) -> Version:
    """A protocol without these lines."""
    figures = {c: n for c, n in version.figures.items() if c not in columns}
    return replace(version, figures=figures, gaps={**version.gaps, **dict.fromkeys(columns, "missing")})


#: What may be taken for a usual protocol: everything, nothing, what the newest say, and more or less of each.
USUAL = [
    None,
    (),
    ("registered",),
    ("votes_a", "votes_b"),
    ("registered", "valid", "invalid"),
    ("registered", "issued", "valid", "invalid", "votes_a", "votes_b"),
]


@pytest.mark.parametrize("lost", [(), ("issued",), ("votes_b",), ("valid", "invalid"), ("registered",)])
def test_whichever_lines_are_held_for_usual_the_count_is_the_same(lost: tuple[str, ...], database_url: str) -> None:
    returns = good_returns()
    with opened(database_url, returns) as ledger:
        columns = ledger.record.columns
        lost = tuple(c for c in lost if c in columns)
        every = [v if i % 7 == 0 else lacking(v, lost) for i, v in enumerate(protocols(returns))]
        accepted = ledger.accept(every[:-9])
        ledger.accept([corrected(v) for v in accepted[5:9] if "votes_b" in v.figures])
        annulled = replace(accepted[20], stage="annulled", reason="court", supersedes=20, number=None)
        ledger.accept([annulled])
        size, expected = ledger.size, tallied(ledger, ledger.size)
        with reading(ledger.engine) as connection:
            commissions = tree(connection)
            usual = [columns, tuple(c for c in columns if c not in lost), *USUAL]
            found = [recount(connection, ledger.record, size, commissions, told=told) for told in usual]
        assert len({(str(one.counted), one.out, one.missing, one.untold) for one in found}) == 1
        assert (found[0].counted, found[0].out) == counted_and_out(ledger.returns(), "cast")
        for one in found:
            ours = {c.path: {p: one.sums[id][p] for p in ledger.record.parts} for id, c in commissions.items()}
            assert ours == expected
            assert one.sums.nation["annulled"] == 1


def test_a_form_of_more_lines_than_a_whole_number_has_bits_is_added_up(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "_BITS", 3)
    returns = good_returns()
    with opened(database_url, returns) as ledger:
        odd_night(ledger, returns, 1)
        with reading(ledger.engine) as connection:
            commissions = tree(connection)
            found = recount(connection, ledger.record, ledger.size, commissions, told=())
        expected = tallied(ledger, ledger.size)
        for id, commission in commissions.items():
            assert {p: found.sums[id][p] for p in ledger.record.parts} == expected[commission.path]


def test_stations_are_told_by_the_voters_on_their_lists_before_voting(database_url: str) -> None:
    returns = good_returns()
    with opened(database_url, returns) as ledger, reading(ledger.engine) as connection:
        found = gathered(connection, ledger.record, 0, 0)
    before = returns.table.filter(kind="station")["registered_before"]
    told = {k.largest: k.stations for k in found.kinds if k.kind == "station"}
    assert told[None] == before.null_count() == 1
    assert told[SIZES[0]] == (before <= SIZES[0]).sum()
    assert told[SIZES[2]] == ((before > SIZES[1]) & (before <= SIZES[2])).sum()
    assert told[0] == (before > SIZES[-1]).sum()
