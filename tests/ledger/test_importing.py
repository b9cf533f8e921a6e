"""What a file adds to a count: new protocols, corrections with a reason, and every problem at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest
from sqlalchemy import create_engine, insert

from made_returns import made_returns
from tallyscope.ledger import schema
from tallyscope.ledger.importing import prepare, standing_numbers
from tallyscope.ledger.schema import METADATA
from tallyscope.returns.problems import ReadError
from tallyscope.returns.table import Returns

FIGURES = ("registered", "issued", "cast", "invalid", "valid", "votes_a", "votes_b")


@pytest.fixture(scope="module")
def good() -> Returns:
    """The made country without the two protocols that break a relation."""
    return made_returns().filter(~pl.col("station").is_in(["3", "4"]))


def as_counted(returns: Returns, counted: int) -> tuple[Returns, dict[str, int]]:
    """The count when the first rows of the table are in."""
    inside = pl.int_range(pl.len()) < counted
    table = returns.table.with_columns(
        *[pl.when(inside).then(pl.col(f)).alias(f) for f in FIGURES],
        pl.when(inside).then(pl.col("status")).otherwise(pl.lit("empty")).alias("status"),
    )
    current = replace(returns, table=table)
    told = current.table.with_row_index("i").filter(pl.col("status") != "empty")["i"]
    names = returns.station_names()
    return current, {names[i]: 1000 + i for i in told}


def changed(returns: Returns, row: int, **figures: int) -> Returns:
    at = pl.int_range(pl.len()) == row
    columns = [pl.when(at).then(n).otherwise(pl.col(f)).alias(f) for f, n in figures.items()]
    return replace(returns, table=returns.table.with_columns(columns))


def test_new_protocols_are_told_from_those_that_stand_already(good: Returns) -> None:
    current, standing = as_counted(good, 100)
    found = prepare(good, current, standing, entered_by="x")
    assert (found.new, found.corrections, found.unchanged, found.empty) == (198, 0, 99, 1)
    assert {v.station for v in found.versions}.isdisjoint(standing)
    assert all(v.supersedes is None and v.stage == "first" for v in found.versions)


def test_other_figures_are_a_correction_and_need_a_reason(good: Returns) -> None:
    current, standing = as_counted(good, 298)
    row = 10
    a, b = good.table["votes_a"][row], good.table["votes_b"][row]
    file = changed(good, row, votes_a=b, votes_b=a)
    with pytest.raises(ReadError, match=r"row 14: .* stands with other figures.*--reason"):
        prepare(file, current, standing, entered_by="x")
    found = prepare(file, current, standing, entered_by="x", reason="lines mixed up")
    (version,) = found.versions
    assert (found.new, found.corrections, found.unchanged) == (0, 1, 296)
    assert version.supersedes == 1000 + row
    assert (version.stage, version.reason) == ("repeat", "lines mixed up")
    assert version.figures["votes_a"] == b


def test_every_problem_of_a_file_is_told_with_its_row(good: Returns) -> None:
    current, standing = as_counted(good, 50)
    file = changed(good, 60, votes_b=9_999)
    file = changed(file, 61, registered=0)
    file = replace(
        file,
        table=file.table.with_columns(
            pl.when(pl.int_range(pl.len()) == 70).then(pl.lit("999")).otherwise("station").alias("station")
        ),
    )
    file = changed(file, 5, invalid=good.table["invalid"][5] + 1)
    with pytest.raises(ReadError) as caught:
        prepare(file, current, standing, entered_by="x")
    told = {(p.row, p.text.split(": ")[-1].split(",")[0]) for p in caught.value.problems}
    rows = good.table["row"]
    assert {row for row, _ in told} == {rows[60], rows[61], rows[70], rows[5]}
    text = str(caught.value)
    assert "E2" in text
    assert "L4 = choices" in text
    assert "E1" in text
    assert "the count has no station" in text


def test_a_copy_that_breaks_a_relation_is_kept_as_what_somebody_saw(good: Returns) -> None:
    current, standing = as_counted(good, 0)
    copies = changed(good, 60, votes_b=9_999)
    with pytest.raises(ReadError, match="L4 = choices"):
        prepare(copies, current, standing, entered_by="x")
    found = prepare(copies, current, standing, source="observer", entered_by="x")
    assert (found.new, found.warnings) == (297, 1)
    assert {v.source for v in found.versions} == {"observer"}


def test_a_file_of_another_election_is_refused(good: Returns) -> None:
    current, standing = as_counted(good, 0)
    other = replace(good, election=replace(good.election, choices=good.election.choices[:1], title="Elsewhere"))
    with pytest.raises(ReadError, match=r"is of Elsewhere; the count is of Made country"):
        prepare(other, current, standing, entered_by="x")


def test_soft_relations_and_gaps_are_counted_and_block_nothing(good: Returns) -> None:
    current, standing = as_counted(good, 0)
    row = 20
    file = changed(good, row, issued=good.table["valid"][row])  # fewer issued than found
    table = file.table.with_columns(
        pl.when(pl.int_range(pl.len()) == 30).then(None).otherwise(pl.col("registered")).alias("registered")
    )
    found = prepare(replace(file, table=table), current, standing, entered_by="x")
    assert found.warnings == (1 if good.table["invalid"][row] else 0)
    assert found.incomplete == 1


def test_the_version_that_stands_is_read_from_the_record_by_source() -> None:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(schema.commissions), [{"id": 1, "level": "nation", "name": "N"}])
        two = [{"id": i, "key": f"N / {i}", "commission": 1, "name": str(i)} for i in (1, 2)]
        connection.execute(insert(schema.stations), two)
        for number, (station, source) in enumerate([(1, "official"), (2, "official"), (2, "observer")]):
            blank = {
                "stage": "first",
                "accepted_at": datetime(2030, 5, 5, tzinfo=UTC),
                "leaf": b"",
                "leaf_hash": b"",
            }
            people = {"entered_by": "x", "accepted_by": "x", "reason": ""}
            version = {"number": number, "station": station, "source": source, **blank, **people}
            connection.execute(insert(schema.versions), [version])
            stands = {"station": station, "source": source, "version": number, "counted": station == 1}
            connection.execute(insert(schema.standing), [stands])
    # An annulled protocol (not counted) stands too: what comes after it has to supersede it.
    assert standing_numbers(engine) == {"N / 1": 0, "N / 2": 1}
    assert standing_numbers(engine, "observer") == {"N / 2": 2}
    assert standing_numbers(engine, "photo") == {}
