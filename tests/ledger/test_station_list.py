"""A list of stations to open a count with: read under the form's names, or refused with every reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallyscope.election.load import load_form
from tallyscope.ledger.station_list import read_stations
from tallyscope.returns.problems import ReadError

FORM = load_form("ru-president-2018")


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_levels_stand_before_the_station_and_keep_their_order(tmp_path: Path) -> None:
    file = written(
        tmp_path / "list.csv", "nation,canton,station,kind,registered_before\nA,B,1,station,900\nA,B,2,pseudo,\n"
    )
    stations = read_stations(file, FORM)
    assert stations.columns == ["nation", "canton", "station", "kind", "registered_before"]
    assert stations.rows() == [("A", "B", "1", "station", 900), ("A", "B", "2", "pseudo", None)]


def test_columns_may_have_the_names_of_the_form(tmp_path: Path) -> None:
    file = written(tmp_path / "list.csv", "region,tik,uik\nТверь,Бежецкая,7\n")
    assert read_stations(file, FORM).columns == ["region", "territory", "station"]


def test_every_problem_of_a_list_is_told_at_once(tmp_path: Path) -> None:
    text = "region,station,kind,registered_before\nA,1,station,12\nA,1,station,many\n,3,tent,5\n"
    text += 'A,"=cmd()",station,-4\n'
    with pytest.raises(ReadError) as caught:
        read_stations(written(tmp_path / "list.csv", text), FORM)
    told = {(p.row, p.column) for p in caught.value.problems}
    assert told == {
        (3, "station"),
        (3, "registered_before"),
        (4, "region"),
        (4, "kind"),
        (5, "station"),
        (5, "registered_before"),
    }


@pytest.mark.parametrize(
    ("text", "words"), [("region,tik\nA,B\n", "no column of stations"), ("", "cannot be read")]
)
def test_what_is_no_list_of_stations_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=words):
        read_stations(written(tmp_path / "list.csv", text), FORM)


def test_a_list_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cannot be read as a list of stations"):
        read_stations(tmp_path / "none.csv", FORM)
