"""St Petersburg 2021: one table of stations out of three, with the totals that the data's README gives."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from tallyscope.cli.data import app
from tallyscope.returns.datasets import stpetersburg
from tallyscope.returns.datasets.transport import FetchError
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "russia-2021-stpetersburg"


@pytest.fixture(scope="module")
def returns(folder: Path) -> Returns:
    return stpetersburg.returns(folder)


def test_the_federal_party_ballot_adds_up_to_the_readmes_totals(returns: Returns) -> None:
    sums = returns.tally().row(0, named=True)
    wanted = {
        **{"registered": 3_931_555, "valid": 1_430_296, "invalid": 36_297, "votes_united_russia": 513_120},
        **{"votes_kprf": 262_564, "votes_just_russia": 158_166, "votes_new_people": 110_625},
        "votes_yabloko": 100_844,
    }
    assert {name: sums[name] for name in wanted} == wanted
    assert len(returns) == 2_053


def test_machines_count_at_352_stations_and_three_protocols_are_older_than_the_end_of_voting(
    returns: Returns,
) -> None:
    assert returns.table["scanner"].sum() == 352
    assert returns.table["arrived"].null_count() == 0
    assert (returns.table["arrived"] < datetime(2021, 9, 19, 17)).sum() == 3


def test_stations_without_a_protocol_are_empty_though_their_mobile_voters_are_known(returns: Returns) -> None:
    empty = returns.table.filter(pl.col("status") == "empty")
    assert empty.height == 10
    assert empty["attached"].drop_nulls().len() == 8


def test_every_ballot_is_accounted_for_and_only_turnout_by_hour_runs_backwards(returns: Returns) -> None:
    found = returns.check().violations
    assert found.filter(pl.col("code").str.starts_with("E")).height == 0
    assert "W3" in found["code"].to_list()


def test_turnout_runs_on_over_the_three_days(returns: Returns) -> None:
    """Sums of the source's rows of the federal party ballot."""
    table = returns.table
    assert int(table["first_day_15"].sum()) == 278_530
    assert int(table["second_day_20"].sum()) == 791_014
    assert int(table["voted_by_18"].sum()) == 1_286_136


def test_added_voters_are_the_growth_of_the_list(returns: Returns) -> None:
    table = returns.table.filter(pl.col("added").is_not_null())
    assert (table["added"] == table["registered"] - table["registered_before"]).all()
    assert int(table["added"].sum()) == 49_850
    assert (table["added"] == 0).sum() == 334


def test_the_command_makes_a_file_that_every_command_reads(folder: Path, returns: Returns, tmp_path: Path) -> None:
    to = tmp_path / "stations.csv.gz"
    result = CliRunner().invoke(app, ["make", "russia-2021-stpetersburg", str(folder), "--to", str(to)])
    assert result.exit_code == 0, result.output
    assert f"Next: tallyscope examine {to}" in result.stdout
    again = read(to)
    assert again.election.id == "RU-DUMA-2021-SPB"
    assert again.table.equals(returns.table)


@pytest.mark.parametrize(
    ("name", "words"), [("russia-2021-stpetersburg", "does not hold"), ("russia-2012-president", "is one table")]
)
def test_a_folder_without_the_tables_is_refused_with_exit_code_2(name: str, words: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["make", name, str(tmp_path), "--to", str(tmp_path / "to.csv.gz")])
    assert result.exit_code == 2
    assert words in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    for name in stpetersburg.FILES:
        pl.DataFrame({"level": ["federal"], "ballot": ["parties"]}).write_csv(tmp_path / name, compression="gzip")
    with pytest.raises(FetchError, match="as expected"):
        stpetersburg.station_table(tmp_path)
