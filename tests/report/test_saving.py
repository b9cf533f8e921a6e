"""Saving: all files or none, spreadsheets that stay tables, stations in their order."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tallyscope.report.saving import save_whole
from tallyscope.report.tables import station_table, tally_table


def _files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_everything_is_written(saved):
    assert _files(saved) == [
        "charts/comet.svg",
        "charts/histograms.svg",
        "charts/integers.svg",
        "charts/regions.svg",
        "findings.json",
        "report.html",
        "stations.parquet",
        "tally.csv",
    ]


def test_nothing_is_left_when_a_write_fails(tmp_path):
    def fails(folder):
        (folder / "report.html").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        save_whole(tmp_path / "out", fails)
    assert list(tmp_path.iterdir()) == []


def test_an_older_report_survives_a_failure_and_foreign_files_survive_a_success(tmp_path):
    out = tmp_path / "out"
    (out / "charts").mkdir(parents=True)
    (out / "notes.txt").write_text("mine")
    (out / "report.html").write_text("old")

    def fails(folder):
        (folder / "report.html").write_text("half")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        save_whole(out, fails)
    assert (out / "report.html").read_text() == "old"

    def writes(folder):
        (folder / "charts").mkdir()
        (folder / "charts" / "comet.svg").write_text("new")
        (folder / "report.html").write_text("new")

    assert save_whole(out, writes) == out
    assert _files(out) == ["charts/comet.svg", "notes.txt", "report.html"]
    assert (out / "report.html").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_file_in_the_place_of_the_folder_is_not_touched(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(NotADirectoryError):
        save_whole(tmp_path / "out", lambda _: None)
    assert (tmp_path / "out").read_text() == "a file"


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_report_can_be_read_by_those_who_may_read_new_folders(tmp_path):
    (tmp_path / "other").mkdir()
    out = save_whole(tmp_path / "out", lambda _: None)
    assert stat.S_IMODE(out.stat().st_mode) == stat.S_IMODE((tmp_path / "other").stat().st_mode)


def test_stations_keep_their_order_their_figures_and_what_was_found(examination, saved):
    stations = pl.read_parquet(saved / "stations.parquet")
    table = examination.returns.table
    assert stations.select(table.columns).equals(table)
    broken = examination.checks.violations
    assert stations["violations"].list.len().sum() == broken.height
    assert stations["violations"][2].to_list() == broken.filter(pl.col("index") == 2)["code"].to_list() == ["E2"]
    assert stations["integer-percentages.is_integer"].to_list()[:3] == [True, False, True]


def test_scores_of_another_length_are_left_out(examination):
    finding = examination.findings[0]
    short = type(finding)(**{**vars(finding), "stations": pl.DataFrame({"x": [1]})})
    table = station_table(examination.returns, examination.checks, [short])
    assert not [c for c in table.columns if "." in c]


def test_tallies_stand_one_below_the_other(examination):
    table = tally_table(examination.tallies)
    assert table["level"].to_list() == ["nation", "region", "region", "region"]
    assert table.filter(pl.col("level") == "region")["votes_a"].sum() == table["votes_a"][0]
    assert table.columns[:2] == ["level", "region"]


def test_an_examination_is_asked_by_method(examination):
    assert examination["last-digits"].applicable is False
    assert [f.method for f in examination] == ["integer-percentages", "last-digits"]
    with pytest.raises(KeyError, match="integer-percentages"):
        examination["nothing"]


def test_a_chart_of_the_last_report_does_not_stay_beside_this_one(tmp_path: Path) -> None:
    out = tmp_path / "report"

    def write(*names: str) -> Callable[[Path], None]:
        def into(folder: Path) -> None:
            (folder / "charts").mkdir()
            for name in names:
                (folder / "charts" / name).write_text(name)

        return into

    save_whole(out, write("comet.svg", "curves.svg"))
    (out / "charts" / "notes.txt").write_text("a person's own")
    save_whole(out, write("comet.svg"))
    assert sorted(p.name for p in (out / "charts").iterdir()) == ["comet.svg", "notes.txt"]
