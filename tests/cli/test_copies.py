"""`tallyscope copies`: two files beside each other, on the screen, as JSON, as a table of lines."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tallyscope.cli.app import app

HEAD = "region,station,registered,valid,invalid,anna,boris\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    rows = [("North", i, 900 + i, 500 + i, 7, 300, 200 + i) for i in range(1, 40)]
    official, copies, mapping = tmp_path / "official.csv", tmp_path / "copies.csv", tmp_path / "map.toml"
    official.write_text(HEAD + "".join(",".join(map(str, r)) + "\n" for r in rows), "utf-8")
    sent = [(*r[:5], 250, 250 + r[1]) if r[1] == 3 else r for r in rows[:10]]
    copies.write_text(HEAD + "".join(",".join(map(str, r)) + "\n" for r in sent), "utf-8")
    mapping.write_text(
        'title = "Made"\ndenominator = "valid"\nlevels = ["region"]\n[columns]\nregion = "level:region"\n'
        'station = "station"\nregistered = "registered"\nvalid = "valid"\ninvalid = "invalid"\n'
        'anna = "choice:anna"\nboris = "choice:boris"\n',
        "utf-8",
    )
    return official, copies, mapping


def run(files: tuple[Path, Path, Path], *more: str) -> tuple[int, str, str]:
    official, copies, mapping = files
    maps = ["--mapping", str(mapping), "--copies-mapping", str(mapping)]
    result = CliRunner().invoke(app, ["copies", str(official), str(copies), *maps, *more])
    return result.exit_code, result.stdout, result.stderr


def test_people_are_told_who_gains_and_that_nobody_drew_the_stations(files: tuple[Path, Path, Path]) -> None:
    code, out, _ = run(files)
    text = " ".join(out.split())
    assert code == 0
    assert "10 of 39 official protocols have a copy. Nobody drew them at random" in text
    assert "1 of them differ from their copy on at least one line" in text
    assert "the lead is 100 smaller" in text
    assert "p =" not in text


def test_programs_get_the_same_numbers(files: tuple[Path, Path, Path]) -> None:
    code, out, _ = run(files, "--format", "json")
    told = json.loads(out)
    assert code == 0
    assert {c["choice"]: c["difference"] for c in told["choices"]} == {"anna": 50, "boris": -50}
    assert told["lead"]["found"] == 100
    assert [(x["station"], x["figure"], x["difference"]) for x in told["lines"]] == [
        ("3", "votes_anna", 50),
        ("3", "votes_boris", -50),
    ]


def test_the_table_of_lines_is_a_csv(files: tuple[Path, Path, Path]) -> None:
    code, out, _ = run(files, "--format", "csv")
    assert code == 0
    assert [row["difference"] for row in csv.DictReader(io.StringIO(out))] == ["50", "-50"]


def test_an_unknown_level_and_a_file_of_other_stations_end_with_2(files: tuple[Path, Path, Path]) -> None:
    code, _, err = run(files, "--by", "county")
    assert code == 2
    assert "county" in err
    files[1].write_text(HEAD + "North,777,10,5,0,3,2\n", "utf-8")
    code, _, err = run(files)
    assert code == 2
    assert "no station in common" in err
