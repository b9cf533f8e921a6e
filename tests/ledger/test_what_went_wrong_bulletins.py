"""Failures of other countries' nights that a bulletin answers: it is refused, or it says what was not said then.

PROTOCOLS.md, "What went wrong elsewhere": Iowa 2020, Kenya 2017 and 2022, Honduras 2017, Bolivia 2019, Kyrgyzstan
2021, Primorye 2018, Germany 2017, Indonesia 2024, and an undefined number that was shown as 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from made_count import KEY, corrected, good_returns, opened, protocols
from tallyscope.ledger.bulletins import Bulletin, bulletins, difference, publish
from tallyscope.ledger.checkpoint import open_checkpoint
from tallyscope.ledger.note import NoteError, new_signer
from tallyscope.ledger.store import Ledger, Refused

EVENING = datetime(2030, 5, 5, 18, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with opened(f"sqlite:///{tmp_path}/count.db", good_returns()) as made:
        yield made


def released(ledger: Ledger, at: datetime | None = None) -> Bulletin:
    return publish(ledger, KEY, by="the commission", at=at)


def changed(ledger: Ledger, *statements: str) -> None:
    """Changes the database behind the record's back."""
    with ledger.engine.begin() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_iowa_2020_totals_that_a_second_path_does_not_give_are_not_published(ledger: Ledger) -> None:
    # The data were right, and what was reported of them was a part.
    ledger.accept(protocols(good_returns())[:30])
    changed(ledger, "UPDATE sums SET votes_a = votes_a - 100 WHERE commission = 1 AND source = 'official'")
    with pytest.raises(Refused) as caught:
        released(ledger)
    kept = sum(v.figures["votes_a"] for v in ledger.versions())
    assert str(caught.value) == (
        f"bulletin: the whole count: votes_a is {kept - 100:,} by the sums that are kept and {kept:,} added up "
        "anew from the record."
    )
    assert bulletins(ledger) == []


def test_iowa_2020_a_unit_that_is_left_out_is_named(ledger: Ledger) -> None:
    ledger.accept(protocols(good_returns()))
    changed(ledger, "UPDATE sums SET reported = 0 WHERE commission = 3 AND source = 'official'")
    with pytest.raises(Refused, match=r"South / T\d+: reported is 0 by the sums"):
        released(ledger)


def test_kenya_2017_two_standing_forms_of_one_station_are_not_published(ledger: Ledger) -> None:
    # 41,451 forms for 40,883 stations. The record refuses the second; here somebody has put it in by hand.
    first = ledger.accept(protocols(good_returns())[:30])[0]
    with pytest.raises(Refused, match=r"stands already, by version 0"):
        ledger.accept([replace(first, number=None)])
    again = (
        "INSERT INTO versions SELECT 30, station, source, stage, accepted_at, entered_by, accepted_by, reason, "
        "evidence, supersedes, leaf, leaf_hash FROM versions WHERE number = 0",
        "INSERT INTO figures SELECT 30, registered, issued, invalid, valid, votes_a, votes_b FROM figures "
        "WHERE version = 0",
        "UPDATE head SET size = 31",
    )
    changed(ledger, *again)
    with pytest.raises(Refused, match=f"station '{first.station}' has more than one protocol that stands"):
        released(ledger)


def test_kenya_2022_totals_and_the_stations_that_are_missing_are_published_together(ledger: Ledger) -> None:
    returns = good_returns()
    ledger.accept(protocols(returns)[:40])
    found = released(ledger)
    told = {" / ".join([*path, name]) for path, names in found.body["missing"] for name in names}
    assert told == set(returns.station_names()[40:])
    assert found.nation["votes_a"] == returns.table["votes_a"][:40].sum()
    for unit in found.units:
        below = [n for path, n in found.body["missing"] if path[: len(unit["path"])] == unit["path"]]
        assert (
            unit["processed"] + unit["pseudo_processed"] + sum(map(len, below)) == unit["stations"] + unit["pseudo"]
        )


def test_honduras_2017_the_order_the_times_and_the_kinds_of_station_are_told(ledger: Ledger) -> None:
    every = sorted(protocols(good_returns()), key=lambda v: v.figures["registered"])
    for i, start in enumerate(range(0, 40, 10)):
        ledger.accept(every[start : start + 10], at=EVENING + timedelta(minutes=i))
    found = released(ledger, EVENING + timedelta(hours=1))
    # The small ones are in and the large ones are out: nobody has to guess it from the lead.
    kinds = {
        k["voters_up_to"]: (k["processed"], k["stations"]) for k in found.body["kinds"] if k["kind"] == "station"
    }
    assert all(done == of for size, (done, of) in kinds.items() if size in (100, 300))
    assert kinds[0][0] == 0 < kinds[0][1]
    arrived = difference(ledger, 0, 1).protocols["at"].to_list()
    assert arrived == sorted(arrived)
    assert arrived[0] == EVENING


def test_bolivia_2019_a_bulletin_says_what_the_late_units_can_still_do(ledger: Ledger) -> None:
    every = protocols(good_returns())
    ledger.accept([v for v in every if v.station.rsplit(" / ")[-1] != "9"][:40])
    said = released(ledger).body
    nation = dict(zip(said["units"]["columns"], said["units"]["rows"][0], strict=True))
    # One station's list has no number of voters, so nobody knows how many ballots can come.
    assert said["still_out"] == {"protocols": len(every) - 40, "ballots_at_most": None, "between": None}
    ledger.accept([v for v in every if v.station.rsplit(" / ")[-1] == "9"])
    said = released(ledger).body
    nation = dict(zip(said["units"]["columns"], said["units"]["rows"][0], strict=True))
    most = said["still_out"]["ballots_at_most"]
    left = {v.station for v in every} - {v.station for v in ledger.versions()}
    assert most == sum(v.figures["registered"] + 1 for v in every if v.station in left)
    assert said["still_out"]["protocols"] == len(left)
    for choice in ("a", "b"):
        low, high = (Decimal(text) for text in said["still_out"]["between"][choice])
        votes, whole = nation[f"votes_{choice}"], nation["cast"] + most
        assert low <= Decimal(100 * votes) / whole < low + Decimal("0.01")
        assert high - Decimal("0.01") < Decimal(100 * (votes + most)) / whole <= high
    ledger.accept([v for v in every if v.station in left])
    assert released(ledger).body["still_out"] == {"protocols": 0, "ballots_at_most": 0, "between": None}


def test_bolivia_2019_an_interruption_of_the_publication_is_told_by_the_next_bulletin(ledger: Ledger) -> None:
    ledger.accept(protocols(good_returns())[:50])
    released(ledger, EVENING)
    found = released(ledger, EVENING + timedelta(hours=23))
    assert found.body["seconds_since_previous"] == 23 * 3600
    assert found.body["previous"] == 1


def test_kyrgyzstan_2021_a_share_above_100_per_cent_is_not_published(ledger: Ledger) -> None:
    first, *_ = protocols(good_returns())
    # The scanner's 48 became 948: more votes than ballots.
    ledger.accept([replace(first, figures={**first.figures, "votes_a": first.figures["valid"] + 900})])
    with pytest.raises(Refused, match=r"Anna A would have more than 100 %"):
        released(ledger)


def test_kyrgyzstan_2021_totals_add_up_but_for_the_protocols_that_are_listed(ledger: Ledger) -> None:
    every = protocols(good_returns())
    off = replace(every[3], figures={**every[3].figures, "votes_b": every[3].figures["votes_b"] - 7})
    ledger.accept([*every[:3], off, *every[4:30]])
    found = released(ledger)
    assert found.body["unbalanced"] == [{"station": off.station, "version": 3, "relation": "E2", "by": 7}]
    nation = found.nation
    assert nation["votes_a"] + nation["votes_b"] == nation["valid"] - 7
    ledger.accept([corrected(replace(every[3], number=3), "typed wrong", votes_b=every[3].figures["votes_b"])])
    assert released(ledger).body["unbalanced"] == []


def test_a_published_figure_falls_only_with_a_correction_record(ledger: Ledger) -> None:
    ledger.accept(protocols(good_returns())[:30])
    before = released(ledger)
    # Both paths agree, because figures and sums were changed alike; the last bulletin does not.
    less = "votes_a = votes_a - 5, votes_b = votes_b + 5"
    shares = "share_a_part = share_a_part - 5, share_b_part = share_b_part + 5"
    place = "(SELECT commission FROM stations WHERE id = (SELECT station FROM versions WHERE number = 4))"
    above = f"{place}, (SELECT parent FROM commissions WHERE id = {place}), 1"
    changed(
        ledger,
        f"UPDATE figures SET {less} WHERE version = 4",
        f"UPDATE sums SET {less}, {shares} WHERE source = 'official' AND commission IN ({above})",
    )
    with pytest.raises(Refused) as caught:
        released(ledger)
    was = before.nation["votes_a"]
    assert f"votes_a fell without a correction: {was:,} was published, {was - 5:,} would be now." in str(
        caught.value
    )
    assert "votes_b changed by more than what came in" in str(caught.value)


def test_primorye_2018_a_lead_that_changes_is_a_list_of_protocols(ledger: Ledger) -> None:
    every = protocols(good_returns())
    ledger.accept(every[:50])
    first = released(ledger)
    swapped = [corrected(v) for v in ledger.versions() if v.figures["votes_a"] > v.figures["votes_b"]]
    ledger.accept(swapped)
    second = released(ledger)
    assert (first.body["outcome"]["leader"], second.body["outcome"]["leader"]) == ("a", "b")
    between = difference(ledger, 1, 2)
    assert set(between.protocols["key"]) == {v.station for v in swapped}
    moved = second.nation["votes_b"] - first.nation["votes_b"]
    assert between.sums()["votes_b"].item() == moved
    assert [c.station for c in second.corrections] == [v.station for v in swapped]
    assert first.body["outcome"]["status"] == "undecided"


def test_germany_2017_a_transfer_without_the_right_signature_is_nothing(ledger: Ledger) -> None:
    found = released(ledger)
    assert open_checkpoint(found.checkpoint, [KEY.verifier]).bulletin == 1
    for note, key in (
        (found.checkpoint, new_signer(KEY.name).verifier),
        (found.checkpoint.replace(f"\n{found.size}\n", f"\n{found.size + 1}\n"), KEY.verifier),
    ):
        with pytest.raises(NoteError):
            open_checkpoint(note, [key])


def test_apollo_what_is_not_defined_is_null_and_never_0(ledger: Ledger) -> None:
    empty = released(ledger)
    shares = ("turnout", "share_a", "share_b", "votes_a", "cast")
    assert all(unit[name] is None for unit in empty.units for name in shares)
    zero = replace(protocols(good_returns())[0], figures=dict.fromkeys(ledger.record.columns, 0))
    ledger.accept([zero])
    found = released(ledger).nation
    # A protocol without a single ballot is counted; its votes are 0, its shares are still of nothing.
    assert (found["processed"], found["zero"], found["votes_a"], found["cast"]) == (1, 1, 0, 0)
    assert (found["share_a"], found["turnout"]) == (None, None)


def test_a_record_that_was_rewritten_after_a_bulletin_is_not_published_from(ledger: Ledger) -> None:
    ledger.accept(protocols(good_returns())[:30])
    released(ledger)
    changed(ledger, "UPDATE versions SET leaf_hash = zeroblob(32) WHERE number = 11")
    with pytest.raises(Refused, match="the record does not begin with that of bulletin 1"):
        released(ledger)
