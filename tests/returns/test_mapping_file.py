"""A mapping as a file: what is written is read back; what is wrong in a corrected one is told all at once."""

from __future__ import annotations

import tomllib

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.election.roles import ROLES
from tallyscope.returns.inference import ColumnGuess, Inference, infer
from tallyscope.returns.mapping import ColumnMapping
from tallyscope.returns.mapping_file import MappingError, read_mapping, write_mapping

GOOD = ColumnMapping(
    columns={"Kreis": "level:region", "Nr": "station", "Liste": "registered", "A": "choice:a", "x": "ignore"},
    levels=("region",),
    title="Gemeinderat",
    denominator="cast",
    choice_names={"a": "Liste A"},
    derived={"valid": "choices"},
    drop_totals=True,
)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


def problems_of(text: str) -> tuple[str, ...]:
    with pytest.raises(MappingError) as caught:
        read_mapping(text, "m.toml")
    return caught.value.problems


def test_a_mapping_that_is_written_is_read_back() -> None:
    assert read_mapping(write_mapping(GOOD)) == GOOD


@given(
    headers=st.lists(st.text(min_size=1, max_size=20), min_size=4, max_size=9, unique=True),
    title=st.text(max_size=30),
    choice=names,
    roles=st.permutations(sorted(ROLES)),
)
def test_headers_of_any_letters_survive_the_round_trip(
    headers: list[str], title: str, choice: str, roles: list[str]
) -> None:
    fixed = [f"choice:{choice}", "station", "level:region"]
    mapping = ColumnMapping(
        columns=dict(zip(headers, [*fixed, *roles], strict=False)),
        levels=("region",),
        title=title,
        choice_names={choice: headers[0]},
    )
    assert read_mapping(write_mapping(mapping)) == mapping


def test_an_inference_is_written_with_its_evidence_as_comments() -> None:
    guesses = (
        ColumnGuess("a", "choice:x", 0.875, ("c = a + b in 9 of 10 rows", "named as choices are")),
        ColumnGuess("b\n2", "choice:y", 0.5, ("evil\nvalid = 3",)),
    )
    totals = pl.DataFrame(
        {"index": [7], "of": ["the other rows of the file"]}, schema={"index": pl.UInt32, "of": pl.String}
    )
    text = write_mapping(Inference(guesses, (), totals, ()), title="T")
    assert '# 88% sure: c = a + b in 9 of 10 rows; named as choices are\n"a" = "choice:x"' in text
    assert "1 found, rows 8 of the table" in text
    assert tomllib.loads(text)["columns"] == {"a": "choice:x", "b\n2": "choice:y"}
    assert read_mapping(text).title == "T"


def test_a_file_worked_out_can_be_written_and_read() -> None:
    frame = pl.DataFrame(
        {
            "district": ["A", "A", "B", "B"],
            "precinct": [1, 2, 1, 2],
            "registered": [900, 700, 500, 800],
            "valid votes": [500, 300, 250, 410],
            "invalid": [5, 3, 2, 4],
            "Party A": [300, 100, 50, 210],
            "Party B": [150, 150, 100, 150],
            "Party C": [50, 50, 100, 50],
        }
    )
    mapping = infer(frame).mapping()
    assert read_mapping(write_mapping(infer(frame))) == mapping
    assert mapping.columns["valid votes"] == "valid"


def test_everything_wrong_is_told_at_once_with_its_column_and_what_to_write() -> None:
    problems = problems_of(
        """
        denominator = "voters"
        levels = ["region", "town"]
        colour = "red"
        [columns]
        Liste = "registred"
        A = "valid"
        B = "valid"
        Kreis = "level:region"
        [derived]
        cast = "valid + nul"
        valid = "choices"
        issued = "valid +"
        [choices]
        putin = "Putin"
        """
    )
    assert all(p.startswith("m.toml: ") for p in problems)
    told = "\n".join(problems)
    for piece in (
        'denominator \'voters\' is not known; write denominator = "cast" or denominator = "valid".',
        "'colour' is no part of a mapping",
        "column 'Liste': 'registred' is not a role",
        'write "registered"',
        "columns 'A' and 'B' are both 'valid'",
        "no column is a choice",
        "level 'town' is in levels, but no column is \"level:town\"",
        "'cast' needs 'nul'",
        "'valid' is also a column",
        "[derived] 'issued'",
        "[choices] names 'putin', but no column is \"choice:putin\"",
    ):
        assert piece in told
    assert len(problems) == 10


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("[columns", "is not TOML"),
        ('[columns]\na = "x"\na = "y"', "is not TOML"),
        ("", "no column is a choice"),
        ('choices = 3\n[columns]\na = "choice:x"', "'choices' is not a table"),
        ('[columns]\na = 3\nb = "choice:x"', "column 'a' of [columns] is not text"),
        ('levels = "region"\n[columns]\na = "choice:x"', "levels is not a list"),
        ('drop_totals = "yes"\n[columns]\na = "choice:x"', "drop_totals is neither true nor false"),
        ('form = "RU"\n[columns]\na = "choice:x"', "there is no form 'RU'; write one of"),
        ('title = 1\n[columns]\na = "choice:x"', "the title is not text"),
        ('[columns]\na = "choice:"', 'write "choice:surname"'),
        ('[columns]\na = "choice:x"\nb = "Votes for Putin!"', 'write "choice:votes_for_putin" if it is a choice'),
        ('levels = ["r", "r"]\n[columns]\na = "choice:x"\nb = "level:r"', "'r' is twice in levels"),
        ('levels = ["r"]\n[columns]\na = "choice:x"\nb = "level:r"\nc = "level:s"', "column 'c' is 'level:s'"),
        ('[columns]\na = "choice:x"\n[derived]\nvalid = "L3 + 1"', "names line 3"),
        ('[columns]\na = "choice:x"\n[derived]\nvoters = "choices"', "'voters' is not a role"),
    ],
)
def test_one_thing_wrong_is_told_in_words(text: str, piece: str) -> None:
    problems = problems_of(text)
    assert len(problems) == 1
    assert piece in problems[0]


def test_the_error_is_a_value_error_with_its_problems_as_text() -> None:
    error = MappingError(["a", "b"])
    assert isinstance(error, ValueError)
    assert (error.problems, str(error)) == (("a", "b"), "a\nb")
