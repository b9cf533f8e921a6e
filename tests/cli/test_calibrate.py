"""`tallyscope calibrate` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tallyscope.cli.app import app

runner = CliRunner()
TINY = ["calibrate", "--designs", "territories", "--mechanisms", "none", "--stations", "400", "--jobs", "1"]


def test_a_tiny_study_is_run_summed_up_and_shown_again(tmp_path: Path) -> None:
    asked = [
        *TINY,
        "--methods",
        "integer-percentages",
        "--seeds",
        "3",
        "--out",
        str(tmp_path),
        "--commit",
        "c0ffee",
    ]
    result = runner.invoke(app, [*asked, "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "clean designs: 3 elections, 1 methods" in result.stderr
    assert "integer-percentages" in result.stdout
    show = ["calibrate", "--show", "--summary", str(tmp_path / "rates.json")]
    shown = runner.invoke(app, [*show, "--format", "json"])
    (row,) = json.loads(shown.stdout)
    assert (row["method"], row["structure"], row["runs"]) == ("integer-percentages", "territories 400", 3)
    text = runner.invoke(app, show).stdout
    assert "3 of 3" in text
    assert "commit c0ffee" in text
    assert "--plan small --methods 'integer-percentages' --designs 'territories'" in text


def test_a_study_goes_on_from_what_its_folder_has(tmp_path: Path) -> None:
    asked = [*TINY, "--methods", "integer-percentages", "--out", str(tmp_path)]
    assert runner.invoke(app, [*asked, "--seeds", "1"]).exit_code == 0
    first = (tmp_path / "answers.jsonl").read_text("utf-8")
    assert runner.invoke(app, [*asked, "--seeds", "2"]).exit_code == 0
    both = (tmp_path / "answers.jsonl").read_text("utf-8")
    assert both.startswith(first)
    assert both.count("\n") == 2


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "study"
    result = runner.invoke(app, ["calibrate", "--plan", "acceptance", "--dry-run", "--out", str(out)])
    assert result.exit_code == 0
    assert "800 elections" in result.stderr
    assert "9,600 elections, 1 methods" in result.stderr
    assert not out.exists()


def test_an_interrupt_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tallyscope.forensics.calibration.runner.run_study", interrupt)
    result = runner.invoke(app, [*TINY, "--out", str(tmp_path)])
    assert result.exit_code == 130
    assert "The same command goes on from there" in result.stderr


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--plan", "huge"], "there is no plan 'huge'"),
        (["--methods", "tea-leaves"], "there is no method 'tea-leaves'"),
        (["--designs", "flat"], "there is no clean design 'flat'"),
        (["--mechanisms", "weather"], "there is no mechanism 'weather'"),
        (["--like", "nowhere.csv"], "cannot be opened"),
        (["--data", "nowhere"], "spain-2019apr-congress"),
        (["--show", "--summary", "nowhere.json"], "cannot be shown"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_run(wrong: list[str], told: str, tmp_path: Path) -> None:
    result = runner.invoke(app, ["calibrate", *wrong, "--out", str(tmp_path / "study")])
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())
    assert not (tmp_path / "study").exists()


def test_the_packaged_rates_are_shown() -> None:
    result = runner.invoke(app, ["calibrate", "--show"])
    assert result.exit_code == 0
    assert "seeds from" in result.stdout
