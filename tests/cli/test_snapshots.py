"""`--arrived-in`: earlier states of the count on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tallyscope.cli.app import app

run = CliRunner()


def test_bolivia_is_examined_with_its_quick_count_as_order_of_arrival(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "bolivia-2019-president"
    first, second = (folder / f"trep_2019-10-{name}.csv.gz" for name in ("20T19-40-57", "21T18-29-53"))
    arguments = ["examine", str(folder / "final_2019-10-25.csv.gz"), "--methods", "order-of-arrival"]
    arguments += ["--arrived-in", f"{first}@2019-10-20T19:40:57-04:00"]
    arguments += ["--arrived-in", f"{second}@2019-10-21T18:29:53-04:00", "--out", str(tmp_path / "report")]
    result = run.invoke(app, arguments)
    assert result.exit_code == 0, result.output
    (found,) = json.loads((tmp_path / "report" / "findings.json").read_text(encoding="utf-8"))["findings"]
    assert found["applicable"] is True
    assert found["details"]["groups_of_arrival"] == 3


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("count.csv", "is not FILE@TIME"),
        ("count.csv@noon", "is not FILE@TIME"),
        ("@2030-05-05T22:00", "names no file"),
    ],
)
def test_a_state_without_file_or_time_is_refused_with_exit_code_2(
    given: str, words: str, shared_data: Path, tmp_path: Path
) -> None:
    final = shared_data / "albania-2017-parliament" / "stations.csv.gz"
    result = run.invoke(app, ["examine", str(final), "--arrived-in", given, "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_state_of_another_election_is_refused(shared_data: Path, tmp_path: Path) -> None:
    final = shared_data / "albania-2017-parliament" / "stations.csv.gz"
    other = shared_data / "georgia-2013-president" / "precincts.csv.gz"
    given = f"{other}@2030-05-05T22:00"
    result = run.invoke(app, ["examine", str(final), "--arrived-in", given, "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "is of Georgia" in result.stderr
