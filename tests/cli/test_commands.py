"""The commands as a person runs them: what they print, what they write, how they end."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from tallyscope.cli.app import app
from tallyscope.election.load import load_election

runner = CliRunner()


@pytest.fixture
def protocols() -> pl.DataFrame:
    """Twelve valid protocols of the 2024 form, four stations in each of three commissions of two regions."""
    election = load_election("RU-PRES-2024")
    header = {line.role: line.names[0] for line in election.form.lines}
    rows = []
    for i in range(12):
        votes = [11 + i, 400 + 7 * i, 13 + i, 17 + 2 * i]
        valid, invalid, portable = sum(votes), 5 + i % 3, 20 + i
        row = {
            "region": "Алтайский край" if i < 8 else "Ямало-Ненецкий автономный округ",
            "tik": ("Алейская", "Бийская", "Надымская")[i // 4],
            "uik": f"УИК №{i + 1}",
            header["registered"]: 900 + i,
            header["ballots_received"]: 850,
            header["issued_early"]: 0,
            header["issued_in_station"]: valid + invalid - portable,
            header["issued_outside"]: portable,
            header["cancelled"]: 850 - valid - invalid,
            header["portable"]: portable,
            header["stationary"]: valid + invalid - portable,
            header["invalid"]: invalid,
            header["valid"]: valid,
            header["ballots_lost"]: 0,
            header["ballots_unaccounted"]: 0,
        }
        row |= {c.names[0]: v for c, v in zip(election.choices, votes, strict=True)}
        rows.append(row)
    return pl.DataFrame(rows)


@pytest.fixture
def file(protocols: pl.DataFrame, tmp_path: Path) -> Path:
    path = tmp_path / "протоколы.csv"
    protocols.write_csv(path)
    return path


def test_tally_json_has_the_shape_that_others_rely_on(file: Path, protocols: pl.DataFrame) -> None:
    result = runner.invoke(app, ["tally", str(file), "--by", "nation", "--format", "json"])
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout)["rows"]
    assert row["unit"] == "nation"
    assert row["stations"] == 12
    assert row["votes"]["putin"] == protocols["Путин Владимир Владимирович"].sum()
    assert row["cast"] == row["valid"] + row["invalid"]
    assert row["share_of"] == "cast"
    assert row["share"]["putin"] == pytest.approx(100 * row["votes"]["putin"] / row["cast"])


def test_a_level_may_be_named_as_the_file_names_it(file: Path) -> None:
    by_name = runner.invoke(app, ["tally", str(file), "--by", "territory", "--format", "json"])
    by_header = runner.invoke(app, ["tally", str(file), "--by", "tik", "--format", "json"])
    rows = json.loads(by_name.stdout)["rows"]
    assert rows == json.loads(by_header.stdout)["rows"]
    assert [r["unit"] for r in rows] == ["Алейская", "Бийская", "Надымская"]
    assert rows[2]["path"] == ["Ямало-Ненецкий автономный округ", "Надымская"]


def test_level_sums_are_the_sums_of_their_stations(file: Path) -> None:
    levels = {
        by: json.loads(runner.invoke(app, ["tally", str(file), "--by", by, "--format", "json"]).stdout)["rows"]
        for by in ("nation", "region", "territory", "station")
    }
    totals = {by: sum(r["votes"]["davankov"] for r in rows) for by, rows in levels.items()}
    assert len(set(totals.values())) == 1
    assert len(levels["station"]) == 12


def test_an_unknown_level_ends_with_exit_code_2_and_lists_the_known_ones(file: Path) -> None:
    result = runner.invoke(app, ["tally", str(file), "--by", "county"])
    assert result.exit_code == 2
    assert "region" in result.stderr
    assert "territory" in result.stderr


def test_check_names_station_line_and_repair(protocols: pl.DataFrame, tmp_path: Path) -> None:
    valid = "Число действительных избирательных бюллетеней"
    true = protocols[valid][6]
    swapped = int(str(true)[0] + str(true)[2] + str(true)[1])
    assert swapped != true
    spoiled = protocols.with_columns(
        pl.when(pl.int_range(pl.len()) == 6).then(swapped).otherwise(valid).alias(valid)
    )
    path = tmp_path / "spoiled.csv"
    spoiled.write_csv(path)
    answer = json.loads(runner.invoke(app, ["check", str(path), "--format", "json"]).stdout)
    violations = {r["code"]: r["violations"] for r in answer["relations"]}
    assert violations == {"E1": 0, "E2": 0, "E3": 1, "E4": 1, "W1": 0, "W2": 0, "W3": 0}
    (first, second) = answer["protocols"]
    assert first["station"] == second["station"] == "УИК №7"
    assert first["row"] == 8
    assert f"{swapped} may be {true}" in first["suggestion"]


def test_every_problem_of_a_file_is_told_at_once(protocols: pl.DataFrame, tmp_path: Path) -> None:
    text = protocols.with_columns(pl.all().cast(pl.String))
    registered = "Число избирателей, включенных в список избирателей"
    text = text.with_columns(
        pl.when(pl.int_range(pl.len()) == 2).then(pl.lit("девятьсот")).otherwise(registered).alias(registered),
        pl.when(pl.int_range(pl.len()) == 4)
        .then(pl.lit("-3"))
        .otherwise("Слуцкий Леонид Эдуардович")
        .alias("Слуцкий Леонид Эдуардович"),
        pl.when(pl.int_range(pl.len()) == 5).then(pl.lit("=cmd()")).otherwise("tik").alias("tik"),
    )
    path = tmp_path / "bad.csv"
    pl.concat([text, text.tail(1)]).write_csv(path)
    out = tmp_path / "report"
    result = runner.invoke(app, ["examine", str(path), "--out", str(out)])
    assert result.exit_code == 2
    assert "row 4" in result.stderr
    assert "девятьсот" in result.stderr
    assert "row 6" in result.stderr
    assert "'-3' is negative" in result.stderr
    assert "row 7" in result.stderr
    assert "'=cmd()'" in result.stderr
    assert "row 7, column 'tik'" in result.stderr
    assert "row 14" in result.stderr
    assert "also in row 13" in result.stderr
    assert "row 14, column 'uik'" in result.stderr
    assert not out.exists()


def test_a_missing_column_is_named(protocols: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    protocols.drop("Число недействительных избирательных бюллетеней").write_csv(path)
    result = runner.invoke(app, ["tally", str(path)])
    assert result.exit_code == 2
    assert "Число недействительных избирательных бюллетеней" in result.stderr


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    result = runner.invoke(app, ["check", str(tmp_path / "none.csv")])
    assert result.exit_code == 2
    assert "cannot be opened" in result.stderr


def test_a_mapping_written_by_inspect_reads_the_file_to_the_same_tally(file: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    written = runner.invoke(app, ["inspect", str(file), "--out", str(mapping)])
    assert written.exit_code == 0, written.output
    plain = json.loads(runner.invoke(app, ["tally", str(file), "--format", "json"]).stdout)["rows"]
    mapped = runner.invoke(app, ["tally", str(file), "--mapping", str(mapping), "--format", "json"])
    assert mapped.exit_code == 0, mapped.output
    for key in ("stations", "registered", "issued", "cast", "valid", "invalid", "votes", "share"):
        assert json.loads(mapped.stdout)["rows"][0][key] == plain[0][key]


def test_examine_writes_the_page_and_the_files_beside_it(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = runner.invoke(app, ["examine", str(file), "--out", str(out)])
    assert result.exit_code == 0, result.output
    written = {p.name for p in out.iterdir()}
    assert {"report.html", "findings.json", "tally.csv", "stations.parquet", "charts"} <= written
    findings = json.loads((out / "findings.json").read_text("utf-8"))
    assert {f["method"] for f in findings["findings"]} >= {"integer-percentages", "anomalous-votes"}
    # Twelve stations are too few for either method: it says so, and gives no number.
    assert all(f["applicable"] is False and f["estimate"] is None for f in findings["findings"])
    assert pl.read_parquet(out / "stations.parquet").height == 12


def test_a_method_that_fails_takes_nothing_else_with_it(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("<script>alert(1)</script>")

    monkeypatch.setattr("tallyscope.forensics.fingerprint.fingerprint", broken)
    out = tmp_path / "out"
    result = runner.invoke(app, ["examine", str(file), "--out", str(out)])
    # All is written, and a script learns all the same that something is missing.
    assert result.exit_code == 1, result.output
    assert "fingerprint has no answer, the other methods go on" in result.stderr
    findings = {f["method"]: f for f in json.loads((out / "findings.json").read_text("utf-8"))["findings"]}
    assert "ended with an error of its own" in findings["fingerprint"]["summary"]
    assert "ended with an error" not in findings["nu-shape"]["summary"]
    page = (out / "report.html").read_text("utf-8")
    assert "No answer: failed" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page


def test_an_unknown_method_is_refused_before_anything_is_read() -> None:
    result = runner.invoke(app, ["examine", "nowhere.csv", "--methods", "phrenology"])
    assert result.exit_code == 2
    assert "integer-percentages" in result.stderr


def test_the_demo_shows_truth_beside_finding_and_leaves_a_report(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    result = runner.invoke(app, ["demo", "--stations", "4000", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "Truth beside finding" in result.stdout
    assert "ballot stuffing" in result.stdout
    assert "regions were left alone" in result.stdout
    assert (out / "report.html").stat().st_size > 100_000


def test_methods_are_listed_with_their_sources() -> None:
    listed = json.loads(runner.invoke(app, ["methods", "--format", "json"]).stdout)
    assert {m["method"] for m in listed} >= {"integer-percentages", "anomalous-votes"}
    assert all(m["source"] and m["mechanisms"] and m["question"] for m in listed)


def test_the_schema_that_is_printed_is_that_of_what_is_written(file: Path, tmp_path: Path) -> None:
    import jsonschema

    out = tmp_path / "out"
    assert runner.invoke(app, ["examine", str(file), "--out", str(out)]).exit_code == 0
    schema = json.loads(runner.invoke(app, ["schema", "findings"]).stdout)
    jsonschema.validate(json.loads((out / "findings.json").read_text("utf-8")), schema)
