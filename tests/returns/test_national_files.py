"""Real elections, read whole: the figures of the commissions' own protocols, to the vote.

Totals: READMEs of the data sets (taken from the commissions' sites); violations: PROTOCOLS and the same READMEs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from tallyscope.election.relation import parse_relation
from tallyscope.returns.checks import CheckResult, check
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns
from tallyscope.tally import compare, progress, tally


@dataclass(frozen=True)
class Known:
    """A data set, its files, and the figures its README gives."""

    folder: str
    files: tuple[str, ...]
    election: str
    rows: int
    figures: dict[str, int]


SETS = (
    Known(
        "russia-2004-president",
        ("2004.csv.zip",),
        "RU-PRES-2004",
        95_779,
        {
            **{"registered": 108_064_342, "cast": 69_504_278, "invalid": 578_847, "votes_putin": 49_563_020},
            **{"votes_kharitonov": 9_514_224, "votes_glazyev": 2_850_330, "votes_khakamada": 2_671_519},
            **{"votes_malyshkin": 1_405_396, "votes_mironov": 524_392, "votes_against_all": 2_396_550},
        },
    ),
    Known(
        "russia-2011-duma",
        ("2011.csv.zip",),
        "RU-DUMA-2011",
        95_225,
        {
            **{"registered": 109_229_337, "votes_united_russia": 32_371_737, "votes_kprf": 12_599_420},
            **{"votes_just_russia": 8_695_458, "votes_ldpr": 7_664_516},
        },
    ),
    Known(
        "russia-2012-president",
        ("2012.csv.zip",),
        "RU-PRES-2012",
        95_415,
        {
            **{"registered": 109_860_331, "cast": 71_701_665, "invalid": 836_691, "votes_putin": 45_602_075},
            **{"votes_zyuganov": 12_318_353, "votes_prokhorov": 5_722_508, "votes_zhirinovsky": 4_458_103},
            "votes_mironov": 2_763_935,
        },
    ),
    Known(
        "russia-2018-president",
        ("2018.csv.zip",),
        "RU-PRES-2018",
        97_699,
        {
            **{"registered": 109_008_428, "votes_putin": 56_430_712, "votes_grudinin": 8_659_206},
            **{"votes_zhirinovsky": 4_154_985, "votes_sobchak": 1_238_031, "votes_yavlinsky": 769_644},
            **{"votes_titov": 556_801, "votes_suraykin": 499_342, "votes_baburin": 479_013},
        },
    ),
    Known(
        "russia-2024-president",
        ("2024.csv.zip",),
        "RU-PRES-2024",
        94_214,
        {
            **{"registered": 99_764_974, "invalid": 1_177_131, "votes_putin": 65_246_672},
            **{"votes_kharitonov": 3_447_709, "votes_davankov": 2_861_364, "votes_slutsky": 2_424_562},
        },
    ),
    Known(
        "russia-2024-president",
        ("2024.csv.zip", "2024-electronic-voting.csv"),
        "RU-PRES-2024",
        94_214 + 29,
        {
            **{"registered": 99_764_974 + 8_434_406, "votes_putin": 72_350_518},
            **{"votes_davankov": 2_861_364 + 439_289, "votes_slutsky": 2_424_562 + 280_983},
            "votes_kharitonov": 3_447_709 + 232_685,
        },
    ),
    Known(
        "georgia-2013-president",
        ("precincts.csv.gz",),
        "GE-PRES-2013",
        3_707,
        {"votes_margvelashvili": 1_012_569, "votes_bakradze": 354_103, "votes_burjanadze": 166_061},
    ),
    Known(
        "georgia-2016-parliament",
        ("precincts.csv.gz",),
        "GE-PARL-2016",
        3_668,
        {"votes_georgian_dream": 852_576, "votes_united_national_movement": 473_906},
    ),
    Known(
        "turkey-2017-referendum",
        ("boxes.csv.gz",),
        "TR-REF-2017",
        167_157,
        {"votes_yes": 25_157_463, "votes_no": 23_779_141, "valid": 48_936_604, "invalid": 862_251},
    ),
    Known(
        "spain-2019apr-congress",
        ("mesas.csv.gz",),
        "ES-CONG-2019-04",
        60_090,
        {
            **{"votes_psoe": 7_513_142, "votes_pp": 4_373_653, "votes_cs": 4_155_665, "votes_vox": 2_688_092},
            "valid": 26_201_371,
        },
    ),
    Known(
        "albania-2017-parliament",
        ("stations.csv.gz",),
        "AL-PARL-2017",
        5_362,
        {"registered": 3_452_260, "votes_ps": 764_731, "votes_pd": 456_383, "votes_lsi": 225_895},
    ),
    Known(
        "bolivia-2019-president",
        ("final_2019-10-25.csv.gz",),
        "BO-PRES-2019",
        34_555,
        {
            **{"registered": 7_315_364, "votes_mas_ipsp": 2_889_359, "votes_cc": 2_240_920, "votes_pdc": 539_081},
            **{"votes_21f": 260_316, "votes_mts": 76_827, "votes_mnr": 42_334, "votes_pan_bol": 39_826},
            **{"votes_ucs": 25_283, "votes_fpv": 23_725, "blank": 93_507, "invalid": 229_337},
        },
    ),
    Known("bolivia-2019-president", ("trep_2019-10-20T19-40-57.csv.gz",), "BO-PRES-2019", 28_975, {}),
    Known("bolivia-2019-president", ("trep_2019-10-21T18-29-53.csv.gz",), "BO-PRES-2019", 32_806, {}),
)
YEARS = {s.election: s for s in SETS if len(s.files) == 1 and s.election.startswith("RU")}


@cache
def returns_of(folder: Path, files: tuple[str, ...]) -> Returns:
    return read(*(folder / name for name in files))


@cache
def checked(folder: Path, files: tuple[str, ...]) -> CheckResult:
    return check(returns_of(folder, files))


@pytest.mark.parametrize("known", SETS, ids=lambda k: " + ".join((k.folder, *k.files)))
def test_a_national_file_is_recognised_and_adds_up_to_the_published_totals(known: Known, shared_data: Path) -> None:
    returns = returns_of(shared_data / known.folder, known.files)
    assert returns.election.id == known.election
    assert len(returns) == known.rows
    sums = tally(returns).row(0, named=True)
    assert {name: sums[name] for name in known.figures} == known.figures
    assert len(returns.choices) == len(returns.election.choices)


@pytest.mark.parametrize(
    ("election", "regions", "territories"),
    [
        ("RU-PRES-2004", 91, 2_757),
        ("RU-DUMA-2011", 84, 2_746),
        ("RU-PRES-2012", 85, 2_746),
        ("RU-PRES-2018", 87, 2_778),
    ],
)
def test_the_tree_has_the_regions_and_territories_of_the_commission(
    election: str, regions: int, territories: int, shared_data: Path
) -> None:
    returns = returns_of(shared_data / YEARS[election].folder, YEARS[election].files)
    assert tally(returns, "region").height == regions
    assert tally(returns, "tik").height == territories


@pytest.mark.parametrize("known", SETS, ids=lambda k: " + ".join((k.folder, *k.files)))
def test_every_level_adds_up_to_the_nation(known: Known, shared_data: Path) -> None:
    """An identity: a sum over the country is the sum of its parts, at every level."""
    returns = returns_of(shared_data / known.folder, known.files)
    counted = ["stations", "reported", "empty", "zero", "pseudo", *returns.figures]
    nation = tally(returns).select(counted).sum().row(0)
    for level in (*returns.levels, "station"):
        assert tally(returns, level).select(counted).sum().row(0) == nation, level


@pytest.mark.parametrize("known", SETS[:5], ids=lambda k: k.folder)
def test_in_russian_protocols_votes_are_valid_ballots_and_ballots_are_cast(known: Known, shared_data: Path) -> None:
    """The READMEs' own check over all rows: candidates = valid, valid + invalid = ballots in the boxes."""
    reported = returns_of(shared_data / known.folder, known.files).reporting()
    table = reported.table
    votes = sum((table[c] for c in reported.votes_columns[1:]), start=table[reported.votes_columns[0]])
    assert (votes == table["valid"]).all()
    assert (table["valid"] + table["invalid"] == table["portable"] + table["stationary"]).all()
    assert (table["issued"] <= table["registered"]).all()


def test_2024_reports_empty_and_zero_stations_and_electronic_voting_as_what_they_are(shared_data: Path) -> None:
    known = SETS[5]
    returns = returns_of(shared_data / known.folder, known.files)
    done = progress(returns)
    assert (done.listed, done.empty, done.zero, done.pseudo) == (94_214, 2_268, 7, 29)
    assert done.processed == 91_946
    nation = tally(returns).row(0, named=True)
    assert nation["reported"] == 91_939
    empty = returns.table.filter(pl.col("status") == "empty")
    assert empty["region"].n_unique() == 4
    assert empty.select(pl.col(returns.figures).null_count()).row(0) == (2_268,) * len(returns.figures)
    assert any("29 rows" in notice for notice in returns.notices)


def test_a_region_without_a_single_figure_has_no_sums_rather_than_zeros(shared_data: Path) -> None:
    known = SETS[4]
    returns = returns_of(shared_data / known.folder, known.files)
    by_region = tally(returns, "region").filter(pl.col("stations") == pl.col("empty"))
    assert by_region.height == 4
    of = by_region.select(*returns.figures, "turnout", "share_putin")
    assert of.select(pl.all().null_count()).row(0) == (4,) * of.width


@pytest.mark.parametrize(
    ("known", "soft"),
    [
        (YEARS["RU-PRES-2012"], {"W1": 13, "W2": 11, "W3": 24}),
        (YEARS["RU-PRES-2018"], {"W1": 6, "W2": 3, "W3": 26}),
        (SETS[5], {"W1": 1, "W2": 2, "W3": 2}),
        (YEARS["RU-DUMA-2011"], {"W1": 18}),
    ],
    ids=lambda x: x.election if isinstance(x, Known) else "",
)
def test_the_relations_of_the_law_fail_as_often_as_published(
    known: Known, soft: dict[str, int], shared_data: Path
) -> None:
    """PROTOCOLS: no hard relation in any protocol; soft ones 13/11/24, 6/3/26, 1/2/2. 2011: 18 (README)."""
    result = checked(shared_data / known.folder, known.files)
    assert all(r.violations == 0 for r in result.relations if r.relation.level == "hard")
    assert all(r.incomplete == 0 for r in result.relations)
    assert {code: result.of(code).violations for code in soft} == soft
    assert result.violations.filter(pl.col("level") == "soft").height == sum(r.violations for r in result.relations)


def test_the_misprinted_relation_would_be_broken_by_nearly_every_protocol(shared_data: Path) -> None:
    """One printed copy of the law has "17-19" for 17 - 18: 91,865 of 95,415 protocols of 2012 (PROTOCOLS).

    Line 19 is the first candidate: the misprint makes a vote for him a ballot not accounted for.
    """
    known = YEARS["RU-PRES-2012"]
    returns = returns_of(shared_data / known.folder, known.files)
    form = returns.election.form
    roles = {line.number: line.role for line in form.lines if line.number} | {19: "votes_zhirinovsky"}
    right = form.relation("E2")
    misprint = parse_relation("E2", "hard", right.expression.replace("L18", "L19"), roles)
    assert misprint.expression == "L2 = L3 + L4 + L5 + L6 + L17 - L19"
    misprinted = replace(form, relations=tuple(misprint if r.code == "E2" else r for r in form.relations))
    copy = replace(returns, election=replace(returns.election, form=misprinted))
    assert check(copy).of("E2").violations == 91_865
    assert checked(shared_data / known.folder, known.files).of("E2").violations == 0


@pytest.mark.parametrize("known", SETS, ids=lambda k: " + ".join((k.folder, *k.files)))
def test_what_was_counted_stands_beside_what_was_declared(known: Known, shared_data: Path) -> None:
    returns = returns_of(shared_data / known.folder, known.files)
    sums = tally(returns).row(0, named=True)
    rows = compare(returns)
    official = returns.election.official
    assert official is not None
    assert rows.height == len(official.lines) + len(official.votes)
    assert (rows["counted"] - rows["official"] == rows["difference"]).all()
    by_name = {c.name: sums[f"votes_{c.id}"] for c in returns.choices}
    votes = {what: counted for what, counted in rows.select("what", "counted").iter_rows() if what in by_name}
    assert votes == {what: by_name[what] for what in votes}


@pytest.mark.parametrize("election", ["RU-PRES-2012", "RU-PRES-2018", "TR-REF-2017", "BO-PRES-2019"])
def test_where_the_file_is_the_official_count_nothing_differs(election: str, shared_data: Path) -> None:
    known = next(s for s in SETS if s.election == election)
    rows = compare(returns_of(shared_data / known.folder, known.files))
    assert rows.height
    assert rows["difference"].to_list() == [0] * rows.height


def test_after_annulments_the_duma_file_is_7398_votes_of_united_russia_short(shared_data: Path) -> None:
    """README of 2011: 32,371,737 against 32,379,135 in the protocol of 9 December."""
    known = YEARS["RU-DUMA-2011"]
    rows = compare(returns_of(shared_data / known.folder, known.files))
    differences = dict(rows.select("what", "difference").iter_rows())
    assert differences["United Russia"] == -7_398


def test_the_first_snapshot_of_a_quick_count_is_84_percent_of_the_tables(shared_data: Path) -> None:
    """Bolivia, 20 October 2019, 19:40: published as 83.85 per cent; MAS 45.71 and CC 37.84 per cent."""
    known = next(s for s in SETS if "10-20" in s.files[0])
    returns = returns_of(shared_data / known.folder, known.files)
    done = progress(returns)
    assert (done.processed, done.of) == (28_975, 34_555)
    assert done.percent == pytest.approx(83.85, abs=0.005)
    nation = tally(returns).row(0, named=True)
    assert nation["share_mas_ipsp"] == pytest.approx(45.71, abs=0.005)
    assert nation["share_cc"] == pytest.approx(37.84, abs=0.005)


def test_shares_have_the_denominator_of_the_law(shared_data: Path) -> None:
    """Putin 2012: 63.60 per cent of the ballots cast, invalid ones too (PROTOCOLS); Evet 51.41 of the valid."""
    known = YEARS["RU-PRES-2012"]
    nation = tally(returns_of(shared_data / known.folder, known.files)).row(0, named=True)
    shares = [nation[f"share_{c}"] for c in ("putin", "zyuganov", "prokhorov", "zhirinovsky", "mironov")]
    assert shares == pytest.approx([63.60, 17.18, 7.98, 6.22, 3.85], abs=0.005)
    turkey = next(s for s in SETS if s.election == "TR-REF-2017")
    nation = tally(returns_of(shared_data / turkey.folder, turkey.files)).row(0, named=True)
    assert nation["share_yes"] == pytest.approx(51.41, abs=0.005)


def test_rows_that_are_not_stations_are_told_apart_where_the_file_says_so(shared_data: Path) -> None:
    """Türkiye publishes customs gates and countries as sums; Spain's absent residents are municipality 999."""
    for election, column, pseudo in (("TR-REF-2017", None, 88), ("ES-CONG-2019-04", "municipality", 52)):
        known = next(s for s in SETS if s.election == election)
        table = returns_of(shared_data / known.folder, known.files).table
        rows = table.filter(pl.col("kind") == "pseudo")
        assert rows.height == pseudo
        if column:
            assert set(rows[column]) == {"999"}
