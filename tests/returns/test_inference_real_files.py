"""Real files that nobody explains: by their names and by arithmetic, and by arithmetic alone.

What the columns are is known from each folder's README and columns.csv; sums are the READMEs' verified totals.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import polars as pl
import pytest

from inference_files import FILES, RUSSIAN, Truth, load, nameless, targets, truth
from tallyscope.election.relation import parse_linear
from tallyscope.election.roles import DERIVED
from tallyscope.returns.build import linear_expr
from tallyscope.returns.inference import Inference, infer
from tallyscope.returns.inference.columns import look_at
from tallyscope.returns.inference.totals import total_rows
from tallyscope.returns.mapping import choice_of, target_error
from tallyscope.returns.reading.read import read

KNOWN = (
    "georgia-2013",
    "georgia-2016",
    "turkey-2017",
    "spain-2019",
    "albania-2017",
    "bolivia-2019",
    "bolivia-2019-trep",
    *RUSSIAN,
)


@dataclass(frozen=True, eq=False)
class File:
    """One file, worked out with its headers and without them."""

    name: str
    folder: Path

    @cached_property
    def frame(self) -> pl.DataFrame:
        return load(self.folder, self.name)

    @cached_property
    def named(self) -> Inference:
        return infer(self.frame)

    @cached_property
    def bare(self) -> Inference:
        """From arithmetic alone: the headers are c1 ... cN."""
        return infer(nameless(self.frame))

    @cached_property
    def truth(self) -> Truth:
        return truth(self.folder, self.name, self.frame.columns)

    def targets(self, inference: Inference) -> dict[str, str]:
        return targets(inference, self.frame.columns)

    def choices(self, inference: Inference) -> tuple[str, ...]:
        return tuple(h for h, t in self.targets(inference).items() if choice_of(t) is not None)


@cache
def opened(name: str, folder: Path) -> File:
    """Every file is read and worked out once for all tests."""
    return File(name, folder)


@pytest.fixture
def file(request: pytest.FixtureRequest, shared_data: Path) -> File:
    return opened(request.param, shared_data)


every_known = pytest.mark.parametrize("file", KNOWN, indirect=True)
every_russian = pytest.mark.parametrize("file", RUSSIAN, indirect=True)


@every_known
def test_every_line_with_a_name_gets_its_role(file: File) -> None:
    found = file.targets(file.named)
    assert {h: found[h] for h in file.truth.roles} == file.truth.roles


@every_known
def test_exactly_the_choices_are_choices_in_the_order_of_the_file(file: File) -> None:
    assert file.choices(file.named) == file.truth.choices


@every_known
def test_nothing_else_is_taken_for_a_figure(file: File) -> None:
    known = {*file.truth.roles, *file.truth.choices}
    rest = {t.split(":")[0] for h, t in file.targets(file.named).items() if h not in known}
    assert rest <= {"level", "station", "ignore", "arrived", "scanner"}


@every_known
def test_levels_and_station_tell_every_row_apart(file: File) -> None:
    key = [h for h, t in file.targets(file.named).items() if t == "station" or t.startswith("level:")]
    # Customs gates of the Turkish file are sums of a country's or gate's boxes, with no box of their own.
    allowed = 150 if file.name == "turkey-2017" else 0
    assert file.frame.height - file.frame.select(key).n_unique() <= allowed


@every_known
def test_every_target_is_one_that_a_mapping_may_have(file: File) -> None:
    columns = file.named.mapping().columns
    assert [target_error(t) for t in columns.values()] == [None] * file.frame.width


@every_known
def test_standing_figures_are_sure_enough_to_be_read_without_a_person(file: File) -> None:
    standing = ("registered", "cast", "voted", "valid", "invalid")
    assert min(g.confidence for g in file.named.guesses if g.target in standing) > 0.9


@pytest.mark.parametrize("file", sorted(FILES), indirect=True)
def test_no_row_of_the_real_files_is_a_total_however_few_columns_are_compared(file: File) -> None:
    assert file.named.totals.rows() == []
    levels = [h for h, t in file.targets(file.named).items() if t.startswith("level:")]
    looked = [look_at(s, i) for i, s in enumerate(file.frame.iter_columns()) if s.name not in levels]
    counts = {c.name: c.counts for c in looked if c.counts is not None}
    frame = file.frame.with_columns(**counts)
    for columns in (list(counts), list(counts)[-3:], list(counts)[-2:]):
        assert total_rows(frame, columns, levels).rows() == []


@every_russian
def test_arithmetic_alone_finds_the_lines_of_the_ballots(file: File) -> None:
    found = file.targets(file.bare)
    # Absentee certificates have a relation of their own, but nothing tells which line of it is which.
    expected = {h: r for h, r in file.truth.roles.items() if not r.startswith("certificates_")}
    assert {h: found[h] for h in expected} == expected


@every_russian
def test_arithmetic_alone_finds_exactly_the_choices(file: File) -> None:
    assert file.choices(file.bare) == file.truth.choices


@every_russian
def test_arithmetic_alone_finds_region_territory_and_station(file: File) -> None:
    found = file.targets(file.bare)
    assert [found[h] for h in ("region", "tik", "uik")] == ["level:c1", "level:c2", "station"]


@pytest.mark.parametrize(
    ("file", "rows"),
    [("russia-2012", "95,414"), ("russia-2018", "97,698"), ("russia-2024", "91,939")],
    indirect=["file"],
)
def test_the_evidence_counts_the_rows_in_which_a_relation_holds(file: File, rows: str) -> None:
    # PROTOCOLS.md: no protocol violates 7 + 8 = 9 + 10. Rows without any of the figures cannot test it: one each of
    # 2012 and 2018, and of the 94,214 of 2024 the 2,268 empty and 7 zero ones.
    assert f"c13 + c12 = c10 + c11 in {rows} of {rows} rows" in file.bare.relations


@pytest.mark.parametrize(
    ("file", "figure", "total"),
    [
        ("spain-2019", "valid", 26_201_371),  # the ministry's valid votes: blank ballots are valid in Spain
        ("bolivia-2019", "valid", 6_137_671),  # the nine parties' votes added up
        ("bolivia-2019", "cast", 6_137_671 + 93_507 + 229_337),
        ("turkey-2017", "cast", 48_936_604 + 862_251),
        ("georgia-2013", "votes_margvelashvili", 1_012_569),
        ("albania-2017", "votes_ps", 764_731),
        ("russia-2012", "cast", 71_701_665),
    ],
    indirect=["file"],
)
def test_figures_that_no_column_carries_are_derived(file: File, figure: str, total: int) -> None:
    mapping = file.named.mapping()
    columns = {t.replace("choice:", "votes_"): h for h, t in mapping.columns.items()}
    votes = [t for t in columns if t.startswith("votes_")]
    figures = {t: h for t, h in columns.items() if ":" not in t and t not in ("station", "ignore")}
    table = file.frame.select(pl.col(h).alias(t) for t, h in figures.items())
    for role, expression in mapping.derived.items():
        table = table.with_columns(linear_expr(parse_linear(expression, {}), votes).alias(role))
    assert table[figure].sum() == total


@pytest.mark.parametrize("file", ["georgia-2013", "georgia-2016", "albania-2017"], indirect=True)
def test_every_figure_read_by_the_inferred_mapping_is_what_the_registry_reads(file: File) -> None:
    path = file.folder / FILES[file.name]
    known, worked_out = read(path), read(path, mapping=file.named.mapping())
    for role in DERIVED:
        assert worked_out.table[role].equals(known.table[role]), role
    votes = [worked_out.table[c].sum() for c in worked_out.votes_columns]
    assert votes == [known.table[c].sum() for c in known.votes_columns]


# How far arithmetic alone goes where a form has fewer relations. Bolivia has no sum at all, so nothing tells blank
# and null ballots from parties; and where voters who took part equal the ballots, no figure tells which is which.
@pytest.mark.parametrize(
    ("file", "expected", "extra_choices"),
    [
        ("georgia-2013", ("registered", "voted", "ballots_received", "invalid"), ()),
        ("georgia-2016", ("registered", "ballots_received", "invalid", "valid"), ()),
        ("turkey-2017", ("registered", "valid", "invalid"), ()),
        ("spain-2019", ("registered", "blank", "invalid"), ()),
        ("albania-2017", ("registered", "voted", "cast", "invalid", "valid"), ()),
        ("bolivia-2019", ("registered",), ("Blancos", "Nulos")),
    ],
    indirect=["file"],
)
def test_arithmetic_alone_on_other_forms(
    file: File, expected: tuple[str, ...], extra_choices: tuple[str, ...]
) -> None:
    found = file.targets(file.bare)
    roles = {h: r for h, r in file.truth.roles.items() if r in expected}
    assert {h: found[h] for h in roles} == roles
    assert file.choices(file.bare) == (*file.truth.choices, *extra_choices)


@pytest.mark.parametrize("file", ["georgia-2016", "turkey-2017"], indirect=True)
def test_voters_who_took_part_are_the_ballots_cast_where_no_name_says_otherwise(file: File) -> None:
    assert file.targets(file.bare)["voted"] == "cast"


@pytest.mark.parametrize("file", ["spain-2019", "bolivia-2019"], indirect=True)
def test_what_no_relation_proves_is_left_for_a_person_to_look_at(file: File) -> None:
    unproved = {"blank", "invalid"} if file.name == "spain-2019" else {"choice"}
    weak = [g.confidence for g in file.bare.guesses if g.target.split(":")[0] in unproved]
    assert max(weak) < 0.5


@pytest.mark.parametrize("file", ["albania-2017"], indirect=True)
def test_leading_zeros_keep_albanian_stations_apart(file: File) -> None:
    # README: read as numbers "0301" and "00301" collide, 63 times.
    key = file.frame["qvKod"]
    assert file.named.of("qvKod").target == "station"
    assert (key.n_unique(), key.cast(pl.Int64).n_unique()) == (file.frame.height, file.frame.height - 63)


@pytest.mark.parametrize("file", ["mexico-2018"], indirect=True)
def test_candidates_of_joint_lists_are_the_choices_and_not_the_lists(file: File) -> None:
    # README: RAC, JAMK, AMLO, JHRC are the candidates' sums of the votes by party and coalition.
    found = file.targets(file.named)
    assert set(file.choices(file.named)) == {"CNR", "RAC", "JAMK", "AMLO", "JHRC"}
    assert (found["NULOS"], found["LISTA_NOMINAL"]) == ("invalid", "registered")


@pytest.mark.parametrize("file", ["petersburg-2021"], indirect=True)
def test_a_file_without_choices_gets_none(file: File) -> None:
    found = file.targets(file.named)
    assert file.choices(file.named) == ()
    assert (found["valid_count"], found["portable_box_count"]) == ("valid", "portable")


@pytest.mark.parametrize("file", ["belarus-2020", "virginia-2017", "russia-2024-electronic"], indirect=True)
def test_files_of_other_kinds_are_worked_out_without_an_error(file: File) -> None:
    assert [g.column for g in file.named.guesses] == file.frame.columns


def test_no_file_is_forgotten() -> None:
    others = {"mexico-2018", "petersburg-2021", "belarus-2020", "virginia-2017", "russia-2024-electronic"}
    assert {*KNOWN, *others} == set(FILES)
