"""`tallyscope simulate`: files that are read back exactly, the truth beside them, everything wrong at once."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from tallyscope.cli.app import app
from tallyscope.returns.mapping_file import read_mapping
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns
from tallyscope.simulation import CleanSpec, Site, clean_election, like
from tallyscope.simulation.mechanisms import MECHANISMS, stuffing

FILES = ["mapping.toml", "returns.csv", "returns.parquet", "truth.csv", "truth.json"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)])


def back(folder: Path, name: str = "returns.csv") -> Returns:
    return read(folder / name, mapping=read_mapping((folder / "mapping.toml").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulate") / "out"
    mechanisms = [
        "--mechanism",
        "ballot stuffing:dose=.05,at=territory,units=.3",
        "--mechanism",
        "carousel:dose=.01",
    ]
    result = run("--out", folder, "--stations", "600", "--regions", "6", "--seed", "7", *mechanisms)
    assert result.exit_code == 0, result.output
    assert "ballot stuffing: " in result.output
    return folder


@pytest.mark.parametrize("name", ["returns.csv", "returns.parquet"])
def test_what_was_simulated_is_read_back_exactly(made: Path, name: str) -> None:
    clean = clean_election(CleanSpec(stations=600, regions=6), 7)
    returns, _ = stuffing.apply(clean, Site("territory", share_of_units=0.3), 0.05, 7)
    returns, _ = MECHANISMS["carousel"].apply(returns, Site(), 0.01, 8)
    found = back(made, name)
    assert found.table.equals(returns.table)
    assert found.table.schema == returns.table.schema
    assert found.election.form == returns.election.form
    assert [(c.id, c.name) for c in found.choices] == [(c.id, c.name) for c in returns.choices]
    assert found.notices == ()


def test_the_truth_tells_everything_to_the_vote(made: Path) -> None:
    truth = json.loads((made / "truth.json").read_text(encoding="utf-8"))
    assert sorted(p.name for p in made.iterdir()) == FILES
    assert [m["mechanism"] for m in truth["mechanisms"]] == ["ballot stuffing", "carousel"]
    assert truth["drawn"]["seed"] == 7
    assert truth["drawn"]["spec"]["stations"] == 600
    table = back(made).table.drop("row")
    rows = pl.read_csv(made / "truth.csv", schema_overrides={"station": pl.String})
    for line in truth["totals"]:
        risen = truth["totals"][line] - truth["clean_totals"][line]
        assert risen == (rows[line].sum() if line in rows.columns else 0)
        assert truth["totals"][line] == table[line].sum()
        assert risen == sum(m["totals"].get(line, 0) for m in truth["mechanisms"])
    named = table.with_row_index("row", 1).select(pl.col("row").cast(pl.Int64), "region", "territory", "station")
    joined = rows.join(named, on=["row", "region", "territory", "station"], how="semi")
    assert joined.height == rows.height


def test_a_clean_country_of_a_design_has_an_empty_truth(tmp_path: Path) -> None:
    result = run("--out", tmp_path / "a", "--stations", "300", "--design", "independent")
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "a" / "truth.json").read_text(encoding="utf-8"))["mechanisms"] == []
    assert pl.read_csv(tmp_path / "a" / "truth.csv").height == 0


def test_the_correlation_is_the_one_that_was_asked_for(tmp_path: Path) -> None:
    assert run("--out", tmp_path / "a", "--stations", "300", "--correlation", "0.5").exit_code == 0
    spec = json.loads((tmp_path / "a" / "truth.json").read_text(encoding="utf-8"))["drawn"]["spec"]
    assert spec["behaviour"]["station"]["correlation"] != 0.15
    result = run("--out", tmp_path / "b", "--correlation", "-0.99")
    assert result.exit_code == 2
    assert "out of reach" in result.output


def test_an_election_like_a_given_one_keeps_its_stations(made: Path, tmp_path: Path) -> None:
    arguments = ["--like", made / "returns.csv", "--mapping", made / "mapping.toml", "--seed", "3"]
    result = run("--out", tmp_path / "a", *arguments)
    assert result.exit_code == 0, result.output
    found, given = back(tmp_path / "a"), back(made)
    assert found.table.equals(like(given, 3).table)
    drawn = json.loads((tmp_path / "a" / "truth.json").read_text(encoding="utf-8"))["drawn"]
    assert drawn["like"]["files"][0]["sha256"] == given.sources[0].sha256
    assert set(drawn["estimated"]) == {"behaviour", "habits"}


def test_an_election_like_a_real_one_is_read_back_too(shared_data: Path, tmp_path: Path) -> None:
    # Georgia 2013: one level, 23 candidates, shares of valid votes, turnout at 12:00 and 17:00, voters added.
    file = shared_data / "georgia-2013-president" / "precincts.csv.gz"
    mechanism = "result written in advance:dose=1,stations=.2"
    result = run("--out", tmp_path / "a", "--like", file, "--correlation", "0.1", "--mechanism", mechanism)
    assert result.exit_code == 0, result.output
    found = back(tmp_path / "a")
    assert found.levels == ("district",)
    assert found.election.form.denominator == "valid"
    assert len(found.choices) == 23
    assert found.has("voted_by_12", "voted_by_17", "added")
    assert not {"voted_by_10", "certificates_used", "arrived"} & set(found.table.columns)
    assert found.check().violations.height == 0


def test_everything_wrong_is_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    bad = ["--mechanism", "bogus:dose=1", "--mechanism", "carousel:units=2"]
    result = run("--out", out, "--like", "x.csv", "--stations", "3", "--design", "foo", *bad)
    assert result.exit_code == 2
    for piece in ("no mechanism 'bogus'", "a dose is needed", "units lies in", "--stations and --design", "'foo'"):
        assert piece in result.output
    assert not out.exists()
    assert not list(tmp_path.iterdir())


def test_what_the_place_cannot_give_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    bad = ["--mechanism", "ballot stuffing:dose=5", "--mechanism", "vote switching:dose=.1,site=Atlantis"]
    result = run("--out", tmp_path / "out", "--stations", "200", *bad)
    assert result.exit_code == 2
    assert "room for" in result.output
    assert "Atlantis" in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "piece"),
    [
        (["--stations", "10"], "--out is needed"),
        (["--out", "X", "--stations", "0"], "at least one station, not 0"),
        (["--out", "X", "--stations", "5", "--regions", "9"], "5 stations cannot fill 9 regions"),
        (["--out", "X", "--design", "independent", "--correlation", "0"], "a design has its own"),
        (["--out", "X", "--like", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_one_thing_wrong_is_told(arguments: list[str], piece: str, tmp_path: Path) -> None:
    result = run(*(str(tmp_path / "X") if a == "X" else a for a in arguments))
    assert result.exit_code == 2
    assert piece in result.output
    assert not (tmp_path / "X").exists()


def test_a_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    result = run("--out", tmp_path / "out", "--stations", "50")
    assert result.exit_code == 2
    assert "--out names a folder" in result.output
    assert (tmp_path / "out").read_text() == "mine"


def test_the_list_says_what_every_dose_means() -> None:
    result = run("--list")
    assert result.exit_code == 0
    words = " ".join(result.output.split())
    for name, mechanism in MECHANISMS.items():
        assert name in words
        assert mechanism.meaning in words
        assert all(f"{option}: " in words for option in mechanism.options)
