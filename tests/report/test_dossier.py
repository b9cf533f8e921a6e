"""Dossiers of stations, in an examination and from a saved report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from made_examination import examination_of
from tallyscope.cli.app import app
from tallyscope.forensics.finding import ErrorRates, Place, Power
from tallyscope.report.dossier import UnknownStation, find_station
from tallyscope.report.examination import Examination
from tallyscope.report.saved import NoReport, read_pointing
from tallyscope.report.view_findings import finding_view
from tallyscope.report.view_matrix import matrix
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.spec import CleanSpec


@pytest.fixture(scope="module")
def returns() -> Returns:
    return clean_election(CleanSpec(stations=60, regions=3), seed=3)


@pytest.fixture(scope="module")
def examination(returns: Returns) -> Examination:
    """Stations 7 and 11 are pointed at by one method, 11 by the other one too."""
    made = examination_of(returns)
    first, silent = made.findings
    strength = pl.Series([0.3] * 60)
    one = pl.DataFrame({"strength": strength, "score": range(60)}).with_columns(
        strength=pl.when(pl.col("score").is_in([7, 11])).then(6.0).otherwise(pl.col("strength"))
    )
    two = pl.DataFrame({"strength": [8.0 if i == 11 else None for i in range(60)]})
    region = (str(returns.table["region"][0]),)
    found = (
        replace(first, mechanisms=("ballot stuffing",), stations=one),
        replace(silent, mechanisms=("vote switching",), applicable=True, stations=two),
        replace(
            silent, method="third", where=(Place("region", region, 5.0, "votes", 1e-6, 1e-5),), applicable=True
        ),
    )
    return replace(made, findings=found)


def test_the_station_at_which_most_methods_point_comes_first(examination: Examination, tmp_path: Path) -> None:
    examination.save(tmp_path / "report")
    found = read_pointing(tmp_path / "report")
    assert found.order()["row"].to_list() == [11, 7]
    dossier = found.dossier(11)
    assert [m.method for m in dossier.pointing] == ["last-digits", "integer-percentages"]
    assert dossier == examination.dossier(11)


def test_a_dossier_has_the_protocol_by_what_people_call_its_lines(examination: Examination) -> None:
    returns = examination.returns
    dossier = examination.dossier(7)
    leader = returns.leader
    assert leader is not None
    assert dossier.figures["voters on the list"] == returns.table["registered"][7]
    assert dossier.figures[leader.name] == returns.table[f"votes_{leader.id}"][7]
    (one,) = (m for m in dossier.methods if m.method == "integer-percentages")
    assert one.figures == {"score": 7}
    assert one.chance == pytest.approx(1e-6)
    # Two p-values of 1e-6 among 60 stations, two methods with a strength.
    assert one.rate == pytest.approx(1e-6 * 60 / 2 * 2)
    assert "last-digits" not in [m.method for m in dossier.methods]


def test_a_station_is_found_by_the_end_of_its_name(examination: Examination) -> None:
    table = examination.returns.table
    region, territory, station = (str(table[c][30]) for c in ("region", "territory", "station"))
    assert find_station(table, f"{region} / {territory} / {station}") == 30
    assert find_station(table, f" {region.upper()}/{station} ") == 30
    with pytest.raises(UnknownStation, match="3 stations are called '1'"):
        find_station(table, "1")
    with pytest.raises(UnknownStation, match="no station 'Nowhere / 1'"):
        find_station(table, "Nowhere / 1")
    with pytest.raises(UnknownStation, match="up to 3 parts"):
        find_station(table, "a/b/c/d")
    with pytest.raises(UnknownStation, match="up to 3 parts"):
        find_station(table, " / ")


def test_the_page_shows_matrix_places_and_stations(examination: Examination, tmp_path: Path) -> None:
    page = (examination.save(tmp_path / "report") / "report.html").read_text(encoding="utf-8")
    assert 'id="matrix"' in page
    assert 'id="places"' in page
    assert "2 stations are pointed at" in page
    assert page.count('class="dossier"') == 2


def test_the_matrix_says_from_which_dose_on_a_method_sees_a_mechanism(examination: Examination) -> None:
    def power(dose: float, cried: int, on: str) -> Power:
        return Power("ballot stuffing", on, dose, 20, 20, cried, cried)

    rates = ErrorRates((), (power(0.02, 17, "a"), power(0.05, 12, "a"), power(0.1, 20, "a")), "made")
    finding = replace(examination.findings[0], error_rates=rates)
    table = matrix([finding_view(f) for f in (finding, *examination.findings[1:])])
    assert table.mechanisms == ("ballot stuffing", "vote switching")
    cell, other = table.rows[0][1]
    # 2 % was seen more often than 5 %, which was not seen: only 10 % counts.
    assert (cell.kind, cell.dose, cell.calibrated) == ("anomalous", 0.1, True)
    assert other.kind == "none"


def test_the_command_lists_stations_and_tells_one(examination: Examination, tmp_path: Path) -> None:
    report = str(examination.save(tmp_path / "report"))
    runner = CliRunner()
    listed = runner.invoke(app, ["dossier", report])
    assert listed.exit_code == 0
    assert "last-digits" in listed.output
    name = str(examination.returns.station_names()[7])
    one = runner.invoke(app, ["dossier", report, name, "--format", "json"])
    assert one.exit_code == 0
    assert '"score": 7' in one.output
    wrong = runner.invoke(app, ["dossier", report, "Nowhere / 1", "Elsewhere"])
    assert wrong.exit_code == 2
    assert "2 problems" in wrong.output


def test_what_is_no_report_is_told(tmp_path: Path) -> None:
    (tmp_path / "stations.parquet").write_bytes(b"nothing")
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(NoReport, match="is not a saved report"):
            read_pointing(path)
    assert CliRunner().invoke(app, ["dossier", str(tmp_path)]).exit_code == 2
