"""A file read by a mapping that a person has written: what it gives, and everything that can be wrong with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from made_files import csv_bytes
from tallyscope.election.load import load_form
from tallyscope.returns.checks import check
from tallyscope.returns.mapping import ColumnMapping
from tallyscope.returns.mapping_file import read_mapping, write_mapping
from tallyscope.returns.problems import ReadError
from tallyscope.returns.reading.read import read

HEAD = ["Kreis", "Ort", "Nr", "Liste", "Zettel", "leer", "ungültig", "A", "B"]
ROWS = [
    ["Nord", "Aurich", "001", 500, 300, 2, 8, 190, 100],
    ["Nord", "Aurich", "002", 400, 205, 0, 5, 120, 80],
    ["Süd", "Landau", "001", 900, 610, 3, 7, 200, 400],
]
MAPPING = ColumnMapping(
    columns={
        **{"Kreis": "level:region", "Ort": "level:town", "Nr": "station", "Liste": "registered", "Zettel": "cast"},
        **{"leer": "blank", "ungültig": "invalid", "A": "choice:a", "B": "choice:b_list"},
    },
    levels=("region", "town"),
    title="Gemeinderat",
    denominator="cast",
    choice_names={"a": "Liste A"},
    derived={"valid": "choices"},
)


def file(folder: Path, rows: list[list[object]] = ROWS, name: str = "a.csv") -> Path:  # type: ignore[assignment]
    path = folder / name
    path.write_bytes(csv_bytes(rows, HEAD))
    return path


def problems_of(mapping: ColumnMapping, path: Path) -> list[str]:
    with pytest.raises(ReadError) as caught:
        read(path, mapping=mapping)
    return [str(p) for p in caught.value.problems]


def test_a_mapping_names_levels_lines_and_choices(tmp_path: Path) -> None:
    returns = read(file(tmp_path), mapping=MAPPING)
    assert returns.election.title == "Gemeinderat"
    assert returns.levels == ("region", "town")
    assert returns.table["station"].to_list() == ["001", "002", "001"]
    assert [(c.id, c.name) for c in returns.choices] == [("a", "Liste A"), ("b_list", "B")]
    nation = returns.tally().row(0, named=True)
    assert (nation["registered"], nation["cast"], nation["valid"], nation["invalid"]) == (1800, 1115, 1090, 20)
    assert nation["share_a"] == pytest.approx(100 * 510 / 1115)
    assert returns.tally("town").height == 2


def test_a_mapping_may_name_the_form_whose_relations_hold(tmp_path: Path) -> None:
    mapping = replace(MAPPING, form="es-congress", derived={})
    assert read_mapping(write_mapping(mapping)) == mapping
    election = read(file(tmp_path), mapping=mapping).election
    assert (election.form.id, election.form.denominator) == ("es-congress", "cast")
    assert [level.name for level in election.form.levels] == ["region", "town"]
    assert election.form.relations == load_form("es-congress").relations
    assert [(c.id, c.name) for c in election.choices] == [("a", "Liste A"), ("b_list", "B")]


def test_only_relations_that_hold_on_any_form_are_checked(tmp_path: Path) -> None:
    """Blank ballots may or may not be valid, so valid + invalid = cast is not asked of this file."""
    rows = [[*row] for row in ROWS]
    rows[1][4] = 401
    result = check(read(file(tmp_path, rows), mapping=MAPPING))
    assert {r.relation.code: r.violations for r in result.relations} == {"W1": 1}
    assert result.violations.select("index", "residual").rows() == [(1, 1)]


def test_several_files_may_be_read_by_one_mapping(tmp_path: Path) -> None:
    first, second = file(tmp_path, ROWS[:2]), file(tmp_path, ROWS[2:], "b.csv")
    returns = read(first, second, mapping=MAPPING)
    assert returns.tally()["votes_b_list"].to_list() == [580]
    assert returns.table["file"].to_list() == [0, 0, 1]


def test_columns_that_name_a_station_together_are_joined(tmp_path: Path) -> None:
    mapping = replace(MAPPING, columns={**MAPPING.columns, "Ort": "station"}, levels=("region",))
    assert read(file(tmp_path), mapping=mapping).table["station"].to_list() == [
        "Aurich-001",
        "Aurich-002",
        "Landau-001",
    ]


def test_a_header_the_file_lacks_is_named_with_those_it_has(tmp_path: Path) -> None:
    mapping = replace(MAPPING, columns={**MAPPING.columns, "Wähler": "voted", "C": "choice:c"})
    told = problems_of(mapping, file(tmp_path))
    assert len(told) == 2
    assert all("is not in the file" in t and "ungültig" in t for t in told)
    assert ["'Wähler'" in told[0], "'C'" in told[1]] == [True, True]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"columns": {**MAPPING.columns, "Liste": "registred"}}, "'registred' is not a role"),
        ({"columns": {**MAPPING.columns, "B": "choice:"}}, "must follow the colon"),
        ({"columns": {**MAPPING.columns, "B": "choice:a"}}, "2 columns are 'choice:a'"),
        ({"columns": {**MAPPING.columns, "Ort": "level:region"}, "levels": ()}, "2 columns are 'level:region'"),
        ({"columns": {h: t for h, t in MAPPING.columns.items() if h not in "AB"}}, "without a single choice"),
        ({"levels": ("region", "country")}, "the level 'country', which no column fills"),
        *(
            ({"columns": {**MAPPING.columns, "Ort": f"level:{name}"}, "levels": ()}, f"a level called '{name}'")
            for name in ("station", "status", "cast", "votes_a")
        ),
        ({"derived": {"valid": "cast - "}}, "sum for 'valid' is wrong"),
        ({"derived": {"valid": "cast - spoilt"}}, "names 'spoilt', which is not a role"),
        ({"derived": {"okay": "cast"}}, "names 'okay', which is not a role"),
    ],
)
def test_what_a_mapping_gets_wrong_is_told(change: dict[str, object], said: str, tmp_path: Path) -> None:
    (told,) = problems_of(replace(MAPPING, **change), file(tmp_path))  # type: ignore[arg-type]
    assert said in told
    assert told.startswith("a.csv")


def test_all_that_a_mapping_gets_wrong_is_told_at_once(tmp_path: Path) -> None:
    columns = {**MAPPING.columns, "Liste": "x y", "Nr": "level:region", "Z": "cast"}
    mapping = replace(MAPPING, columns=columns, levels=("state",), derived={"valid": "L1"})
    assert len(problems_of(mapping, file(tmp_path))) == 6


def test_a_header_that_a_spreadsheet_would_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(ROWS, [*HEAD[:-1], "=cmd()"]))
    columns = {h: t for h, t in MAPPING.columns.items() if h != "B"} | {"=cmd()": "choice:b"}
    (told,) = problems_of(replace(MAPPING, columns=columns), path)
    assert "row 1, column '=cmd()'" in told
    assert "begins like a formula" in told


def test_bad_cells_of_a_mapped_file_are_named_as_any_others(tmp_path: Path) -> None:
    rows = [[*row] for row in ROWS]
    rows[1][7], rows[2][3] = "x", -1
    told = problems_of(MAPPING, file(tmp_path, rows))
    assert [t.split(":")[0] for t in told] == ["a.csv, row 4, column 'Liste'", "a.csv, row 3, column 'A'"]


def test_choices_told_by_their_place_alone_are_not_read_without_a_person(shared_data: Path, tmp_path: Path) -> None:
    # Bolivia prints no sum of its votes: without headers nothing says where the choices end.
    headers = pl.read_csv(shared_data / "bolivia-2019-president" / "final_2019-10-25.csv.gz")
    nameless = headers.rename({name: f"c{i}" for i, name in enumerate(headers.columns, start=1)})
    path = tmp_path / "nameless.csv"
    nameless.write_csv(path)
    with pytest.raises(ReadError, match=r"could not be worked out.*may be 'choice:"):
        read(path)
