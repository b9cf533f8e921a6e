"""A night by the command line: a count is opened, protocols come in, corrections too, and nights are rehearsed."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from made_files import ELECTION, csv_bytes, header, protocols
from tallyscope.cli.count import app

runner = CliRunner()


def run(*arguments: str | Path, ends: int = 0) -> str:
    result = runner.invoke(app, list(map(str, arguments)))
    assert result.exit_code == ends, result.output
    return result.stdout if ends == 0 else result.stderr


@pytest.fixture
def rows() -> list[list[object]]:
    return [list(row) for row in protocols(8)]


@pytest.fixture
def file(rows: list[list[object]], tmp_path: Path) -> Path:
    return written(tmp_path / "протоколы.csv", rows)


@pytest.fixture
def opened(file: Path, tmp_path: Path) -> Path:
    """The database of a count that is open, without a protocol."""
    database = tmp_path / "count.db"
    run("init", file, "--database", database)
    return database


def written(path: Path, rows: list[list[object]]) -> Path:
    path.write_bytes(csv_bytes(rows))
    return path


def column(role: str) -> int:
    line = ELECTION.form.line_of(role)
    assert line is not None
    return header().index(line.names[0])


def status(database: Path) -> dict[str, object]:
    return dict(json.loads(run("status", "--database", database, "--format", "json")))


def test_a_count_opens_with_the_stations_of_a_results_file_and_none_of_its_figures(opened: Path) -> None:
    told = status(opened)
    assert (told["processed"], told["versions"]) == (0, 0)


def test_a_count_opens_with_a_list_of_stations(rows: list[list[object]], tmp_path: Path) -> None:
    stations = tmp_path / "list.csv"
    stations.write_text("region,tik,uik\n" + "\n".join(f'"{a}",{b},{c}' for a, b, c, *_ in rows), encoding="utf-8")
    database = tmp_path / "count.db"
    text = run("init", "--stations", stations, "--election", ELECTION.id, "--database", database)
    assert "8 stations" in text
    run("import", written(tmp_path / "a.csv", rows), "--database", database, "--by", "clerk")
    assert status(database)["processed"] == 8


@pytest.mark.parametrize("given", [[], ["--stations", "list.csv"], ["--election", "RU-PRES-2018"]])
def test_a_count_without_stations_or_election_is_not_opened(given: list[str], tmp_path: Path) -> None:
    words = run("init", *given, "--database", tmp_path / "count.db", ends=2)
    assert "--stations LIST and --election ID" in words
    assert not (tmp_path / "count.db").exists()


def test_a_count_is_opened_once(opened: Path, file: Path) -> None:
    run("init", file, "--database", opened, ends=2)
    assert status(opened)["versions"] == 0


def test_a_database_without_a_count_is_said_so(tmp_path: Path) -> None:
    words = run("status", "--database", tmp_path / "none.db", ends=2)
    assert "none.db" in words
    assert not (tmp_path / "none.db").exists()


def test_protocols_are_imported_once_and_corrected_with_a_reason(
    opened: Path, rows: list[list[object]], tmp_path: Path
) -> None:
    early = written(tmp_path / "early.csv", rows[:5])
    assert "5 protocols accepted" in run("import", early, "--database", opened, "--by", "clerk 1")
    whole = written(tmp_path / "whole.csv", rows)
    text = run("import", whole, "--database", opened, "--by", "clerk 1")
    assert "3 protocols accepted, 0 corrections; 5 stood already" in text
    rows[2][-1], rows[2][-2] = rows[2][-2], rows[2][-1]
    again = written(tmp_path / "again.csv", rows)
    words = run("import", again, "--database", opened, "--by", "clerk 1", ends=2)
    assert "row 4" in words
    assert "--reason" in words
    assert status(opened)["versions"] == 8
    text = run("import", again, "--database", opened, "--by", "clerk 1", "--reason", "lines mixed up")
    assert "0 protocols accepted, 1 corrections; 7 stood already" in text
    assert status(opened) | {"processed": 8, "versions": 9} == status(opened)


def test_everything_wrong_with_a_file_is_told_at_once_and_nothing_of_it_is_accepted(
    opened: Path, rows: list[list[object]], tmp_path: Path
) -> None:
    rows[1][column("valid")] = int(str(rows[1][column("valid")])) + 1
    rows[4][2] = 77
    rows[6][column("registered")] = 1
    words = run("import", written(tmp_path / "bad.csv", rows), "--database", opened, "--by", "clerk", ends=2)
    assert "row 3" in words
    assert "row 6" in words
    assert "row 8" in words
    assert "77" in words
    assert status(opened)["versions"] == 0


def test_who_enters_and_from_which_source_must_be_said(opened: Path, file: Path) -> None:
    words = run("import", file, "--database", opened, "--by", " ", "--source", "rumour", "--stage", "last", ends=2)
    assert "3 problems" in words
    assert "rumour" in words


def test_an_observers_copy_stands_beside_the_official_protocol(opened: Path, file: Path) -> None:
    run("import", file, "--database", opened, "--by", "clerk")
    run("import", file, "--database", opened, "--by", "observer 7", "--source", "observer")
    assert status(opened) | {"processed": 8, "versions": 16} == status(opened)


@pytest.mark.parametrize("order", ["region", "tik", "random", "small-first"])
def test_a_replayed_night_ends_with_what_the_file_says(order: str, file: Path, rows: list[list[object]]) -> None:
    text = run("replay", file, "--order", order, "--bulletins", 4, "--corrections", 0.5, "--format", "json")
    told = json.loads(text)["bulletins"]
    assert [b["processed"] for b in told] == [2, 4, 6, 8]
    putin = header().index(next(c.names[0] for c in ELECTION.choices if c.id == "putin"))
    assert told[-1]["votes"]["putin"] == sum(int(str(row[putin])) for row in rows)


def test_a_replayed_night_is_kept_where_that_is_asked_for(file: Path, tmp_path: Path) -> None:
    database = tmp_path / "night.db"
    text = run("replay", file, "--every", 3, "--database", database)
    assert "3 of" in text
    assert "% of ballots cast" in text
    assert status(database)["versions"] == 8


def test_a_replay_as_csv_is_one_row_a_bulletin(file: Path) -> None:
    table = list(csv.DictReader(io.StringIO(run("replay", file, "--at", "50", "--format", "csv"))))
    assert table[-1]["processed"] == "8"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--order", "time"], "does not say when its protocols arrived"),
        (["--order", "alphabet"], "there is no order 'alphabet'"),
        (["--at", "150"], "not a percentage"),
        (["--corrections", "2"], "from 0 to 1"),
        (["--speed", "0"], "would never end"),
    ],
)
def test_a_night_that_cannot_be_played_is_refused(given: list[str], words: str, file: Path) -> None:
    assert words in run("replay", file, *given, ends=2)


def test_help_does_not_load_the_record() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from tallyscope.cli.count import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "print(sorted({'sqlalchemy', 'cryptography', 'polars', 'alembic'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True
    )
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["2 Адыгейская", "Республика Адыгея (Адыгея) / 2 Адыгейская"])
def test_a_summary_table_has_every_protocol_of_a_commission_and_their_sum(
    name: str, opened: Path, file: Path, rows: list[list[object]]
) -> None:
    run("import", file, "--database", opened, "--by", "clerk")
    told = json.loads(run("summary", name, "--database", opened, "--format", "json"))
    assert [unit["unit"] for unit in told["units"]] == ["4", "5", "6"]
    expected = sum(int(str(row[column("registered")])) for row in rows[3:6])
    assert told["sums"]["registered"] == expected
    assert f"{expected:,}" in run("summary", name, "--database", opened)


def test_a_summary_of_an_unknown_commission_names_the_nearest(opened: Path) -> None:
    assert "Адыгейская" in run("summary", "1 Адыгейска", "--database", opened, ends=2)


def test_cells_of_a_summary_are_not_run_by_a_spreadsheet(rows: list[list[object]], tmp_path: Path) -> None:
    for row in rows[:3]:
        row[1] = "-1 первая"
    database = tmp_path / "count.db"
    run("init", written(tmp_path / "a.csv", rows), "--database", database)
    text = run("summary", "Республика Адыгея (Адыгея)", "--database", database, "--format", "csv")
    assert "'-1 первая" in text


def test_copies_stand_beside_the_official_protocols(opened: Path, rows: list[list[object]], tmp_path: Path) -> None:
    run("import", written(tmp_path / "a.csv", rows), "--database", opened, "--by", "clerk")
    copied = [list(row) for row in rows[:3]]
    first, second = (header().index(ELECTION.choices[i].names[0]) for i in (0, 1))
    copied[0][first], copied[0][second] = copied[0][second], copied[0][first]
    more = ["--by", "observer 7", "--source", "observer"]
    run("import", written(tmp_path / "b.csv", copied), "--database", opened, *more)
    told = json.loads(run("copies", "--database", opened, "--format", "json"))
    assert (told["compared"], told["protocols"], told["unequal"]) == (3, 8, 1)
    gap = int(str(rows[0][first])) - int(str(rows[0][second]))
    differences = {c["choice"]: c["difference"] for c in told["choices"]}
    assert (differences[ELECTION.choices[0].id], differences[ELECTION.choices[1].id]) == (gap, -gap)


def test_a_count_without_copies_says_so(opened: Path, rows: list[list[object]], tmp_path: Path) -> None:
    run("import", written(tmp_path / "a.csv", rows), "--database", opened, "--by", "clerk")
    assert "has no copies of the source 'observer'" in run("copies", "--database", opened, ends=2)
    assert "not one of observer" in run("copies", "--database", opened, "--source", "official", ends=2)
