"""Printed counts, shares, forecasts and winners against returns: the published verdicts, and small elections."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tallyscope
from tallyscope.claims.checks.count import Count, NoCount, count_of
from tallyscope.claims.checks.order import order_of
from tallyscope.claims.checks.outstanding import outstanding
from tallyscope.claims.checks.preliminary import check_preliminary
from tallyscope.claims.checks.printed import Printed, rounds_to
from tallyscope.claims.checks.shares import check_forecast, check_share, fits_of
from tallyscope.claims.checks.winner import check_majority
from tallyscope.simulation import CleanSpec, clean_election

#: The preliminary count of 5 March 2012 at 99.3 % of protocols.
PRINTED = {"putin": "63.75", "zyuganov": "17.19", "prokhorov": "7.82", "zhirinovsky": "6.23", "mironov": "3.85"}


def printed(shares: dict[str, str]) -> dict[str, Printed]:
    return {choice: Printed.of(text) for choice, text in shares.items()}


@pytest.fixture(scope="module")
def count_2012(shared_data: Path) -> Count:
    return count_of(tallyscope.read(shared_data / "russia-2012-president" / "2012.csv.zip"))


@pytest.fixture(scope="module")
def count_2024(shared_data: Path) -> Count:
    folder = shared_data / "russia-2024-president"
    files = (folder / "2024.csv.zip", folder / "2024-electronic-voting.csv")
    return count_of(tallyscope.read(*files, election="RU-PRES-2024"))


@pytest.fixture(scope="module")
def small() -> Count:
    return count_of(clean_election(CleanSpec(stations=400, regions=4), seed=2))


@given(st.integers(0, 10**6), st.integers(0, 4))
def test_a_printed_number_keeps_its_decimals_and_its_half_unit(digits: int, decimals: int) -> None:
    text = f"{digits / 10**decimals:.{decimals}f}"
    found = Printed.of(text)
    assert str(found) == text
    assert found.high - found.low == Fraction(1, 10**decimals)
    assert Printed.of(text.replace(".", ",")) == found
    assert rounds_to(found.low, found)
    assert not rounds_to(found.high + Fraction(1, 10**9), found)


@pytest.mark.parametrize("text", ["", "-1", "6 3", "1e3", "٦٣", "63.", "nan", "9" * 40])
def test_what_is_no_printed_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a printed number"):
        Printed.of(text)


def test_2012_at_99_3_per_cent_is_possible_but_not_in_random_order(count_2012: Count) -> None:
    found = check_preliminary(count_2012, printed(PRINTED), Printed.of("99.3"))
    details = found.details
    assert found.verdict == "feasible-not-random"
    assert details["out"] == [621, 715]
    assert details["denominator"] == "cast"
    assert details["readings"]["cast"]["left"] == pytest.approx(1.16)
    assert details["readings"]["valid"]["possible"] is False
    out = np.array(details["readings"]["cast"]["witness"])
    kept = np.setdiff1d(np.arange(count_2012.cast.size), out)
    shares = 100 * count_2012.votes[kept].sum(axis=0) / count_2012.cast[kept].sum()
    assert {c: f"{s:.2f}" for c, s in zip(count_2012.choices, shares, strict=True)} == PRINTED
    published = {"putin": 32, "zyuganov": 4, "prokhorov": -75, "zhirinovsky": 13, "mironov": -7}
    for choice, z in published.items():
        low, high = sorted(details["shares"][choice]["z"])
        assert low - 0.5 <= z <= high + 0.5
    assert details["order"]["p_blocks"] <= 0.001
    assert "ballots cast" in found.text
    assert "valid votes not" in found.text


def test_2024_at_99_72_per_cent_is_possible_and_says_nothing(count_2024: Count) -> None:
    # 94,243 protocols: 94,214 stations and 29 rows of electronic voting, 2,268 stations without figures.
    found = check_preliminary(count_2024, printed({"putin": "87.3"}), Printed.of("99.72"))
    assert found.verdict == "feasible-uninformative"
    assert (count_2024.protocols, count_2024.cast.size) == (94_243, 91_975)
    assert found.details["out"] == [260, 268]
    share = found.details["shares"]["putin"]
    assert (round(share["lowest"], 2), round(share["highest"], 2)) == (87.05, 87.48)


def test_over_87_per_cent_holds_on_the_official_totals_only(count_2024: Count) -> None:
    found = check_share(count_2024, "putin", Printed.of("87"), ">")
    assert found.verdict == "true-on-official-totals-only"
    fits = {(f.totals, f.base): f for f in fits_of(count_2024, "putin", Printed.of("87"), ">")}
    shares = {key: round(f.value, 2) for key, f in fits.items() if f.value is not None}
    assert shares[("official", "cast")] == 87.28
    assert shares[("official", "valid")] == 88.48
    assert shares[("released", "cast")] == 86.94
    assert shares[("released", "valid")] == 88.19


def test_64_fits_ballots_and_valid_votes_alike(count_2012: Count) -> None:
    found = check_share(count_2012, "putin", Printed.of("64"))
    assert found.verdict == "consistent"
    assert {f["base"] for f in found.details["fits"] if f["holds"]} == {"cast", "valid"}
    assert check_share(count_2012, "putin", Printed.of("64.0")).verdict == "infeasible"


def test_57_to_59_was_missed_by_4_60_points_of_ballots_and_5_35_of_valid_votes(count_2012: Count) -> None:
    found = check_forecast(count_2012, "putin", Printed.of("57"), Printed.of("59"), after=True)
    assert found.verdict == "missed-low"
    assert {b: round(by, 2) for b, (_, by) in found.details["misses"].items()} == {"cast": 4.60, "valid": 5.35}
    assert "no test of foresight" in found.text
    assert check_forecast(count_2012, "putin", Printed.of("66"), Printed.of("70")).verdict == "missed-high"
    assert check_forecast(count_2012, "putin", Printed.of("60"), Printed.of("64")).verdict == "hit"
    # One value forecasts whatever is rounded to it.
    assert check_forecast(count_2012, "putin", Printed.of("64"), Printed.of("64")).verdict == "hit"
    with pytest.raises(ValueError, match="backwards"):
        check_forecast(count_2012, "putin", Printed.of("59"), Printed.of("57"))


def test_no_715_protocols_could_have_changed_who_was_elected(count_2012: Count) -> None:
    found = check_majority(count_2012, "putin", Printed.of("99.3"))
    assert found.verdict == "true"
    assert round(found.details["lowest"], 2) == 62.87
    assert check_majority(count_2012, "zyuganov", Printed.of("99.3")).verdict == "infeasible"
    # With four fifths of the protocols out, a part of the count need not show a majority.
    assert check_majority(count_2012, "putin", Printed.of("20")).verdict == "consistent"


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_a_count_without_random_stations_is_never_called_infeasible(small: Count, seed: int) -> None:
    rng = np.random.default_rng(seed)
    out = rng.choice(small.cast.size, 20, replace=False)
    kept = np.setdiff1d(np.arange(small.cast.size), out)
    shares = 100 * small.votes[kept].sum(axis=0) / small.cast[kept].sum()
    told = {c: f"{s:.2f}" for c, s in zip(small.choices, shares, strict=True)}
    found = check_preliminary(small, printed(told), Printed.of("95.0"))
    assert found.verdict in ("consistent", "feasible-uninformative", "feasible-not-random", "not-checkable")
    low, high = (found.details["shares"][small.choices[0]][k] for k in ("lowest", "highest"))
    assert low - 1e-9 <= shares[0] <= high + 1e-9


def test_random_orders_are_rejected_as_rarely_as_they_should_be(small: Count) -> None:
    rng = np.random.default_rng(1)
    rejected = 0
    for _ in range(60):
        kept = rng.permutation(small.cast.size)[20:]
        share = 100 * small.votes[kept, 0].sum() / small.cast[kept].sum()
        order = order_of(small, printed({small.choices[0]: f"{share:.2f}"}), (20, 20), "cast")
        rejected += order.p_random < 0.05
    assert rejected <= 8


def test_shares_that_no_protocols_make_are_infeasible_of_every_denominator(small: Count) -> None:
    first, second = small.choices[:2]
    found = check_preliminary(small, printed({first: "99.0", second: "0.5"}), Printed.of("99"))
    assert found.verdict == "infeasible"
    assert "No set of them" in found.text
    assert first in found.details["readings"]["cast"]["impossible"]


def test_a_per_cent_that_no_number_of_protocols_gives_is_infeasible(small: Count) -> None:
    found = check_preliminary(small, printed({small.choices[0]: "50"}), Printed.of("99.312"))
    assert found.verdict == "infeasible"
    assert "no number of 400 protocols" in found.text


def test_unknown_choices_and_empty_claims_are_refused(small: Count) -> None:
    with pytest.raises(KeyError, match="nobody"):
        check_preliminary(small, printed({"nobody": "50"}), Printed.of("99"))
    with pytest.raises(ValueError, match="without shares"):
        check_preliminary(small, {}, Printed.of("99"))
    with pytest.raises(KeyError):
        check_majority(small, "nobody")


def test_returns_without_figures_cannot_be_held_against(small: Count) -> None:
    table = small.returns.table.with_columns(pl.lit(None, pl.Int64).alias(c) for c in small.returns.figures)
    with pytest.raises(NoCount):
        count_of(replace(small.returns, table=table))


def test_the_joint_reading_agrees_with_every_subset_of_a_tiny_count(small: Count) -> None:
    # Ten protocols, two of them out: whatever the check says of two printed shares, all 45 subsets say too.
    tiny = count_of(small.returns.filter(pl.int_range(pl.len()) < 10))
    tiny = replace(tiny, protocols=10)
    rng = np.random.default_rng(3)
    said = {True: 0, False: 0}
    for _ in range(40):
        out = rng.choice(10, 2, replace=False)
        kept = np.setdiff1d(np.arange(10), out)
        shares = 100 * tiny.votes[kept].sum(axis=0) / tiny.cast[kept].sum()
        if rng.random() < 0.5:
            shares = shares + rng.normal(0, 1.0, shares.size)
        told = printed({c: f"{max(s, 0):.2f}" for c, s in zip(tiny.choices[:2], shares[:2], strict=True)})
        found = check_preliminary(tiny, told, Printed.of("80"))
        sums = (
            100
            * tiny.votes[np.setdiff1d(np.arange(10), gone)].sum(axis=0)
            / tiny.cast[np.setdiff1d(np.arange(10), gone)].sum()
            for k in range(found.details["out"][0], found.details["out"][1] + 1)
            for gone in combinations(range(10), k)
        )
        truth = any(all(rounds_to(s, p) for s, p in zip(row, told.values(), strict=False)) for row in sums)
        possible = found.details["readings"]["cast"]["possible"]
        if possible is not None:
            assert possible == truth
            said[possible] += 1
    assert min(said.values()) >= 5


def test_what_was_out_at_99_3_per_cent_is_the_published_remainder(count_2012: Count) -> None:
    found = outstanding(count_2012, printed(PRINTED), (621, 715))
    assert [round(n / 1000) for n in found.ballots] == [415, 1557]
    shares = {c: (round(low, 1), round(high, 1)) for c, (low, high) in found.shares.items()}
    assert shares["putin"] == (37.2, 57.1)
    assert shares["prokhorov"] == (15.0, 34.8)
    assert found.places is not None
    first = found.places.row(0, named=True)
    # "The tilt puts about a third of it in Moscow": 227 of 668 protocols in the gold standard.
    assert first["unit"] == "Город Москва"
    assert first["protocols"] == pytest.approx(227, abs=1)
    assert found.places["protocols"].sum() == pytest.approx(668, abs=1e-3)


def test_the_remainder_of_a_known_count_holds_the_truth(small: Count) -> None:
    out = np.random.default_rng(5).choice(small.cast.size, 20, replace=False)
    kept = np.setdiff1d(np.arange(small.cast.size), out)
    shares = 100 * small.votes[kept].sum(axis=0) / small.cast[kept].sum()
    told = {c: f"{s:.2f}" for c, s in zip(small.choices, shares, strict=True)}
    found = outstanding(small, printed(told), (20, 20))
    assert found.ballots[0] <= small.cast[out].sum() <= found.ballots[1]
    for i, choice in enumerate(small.choices):
        low, high = found.shares[choice]
        assert low - 1e-6 <= 100 * small.votes[out, i].sum() / small.cast[out].sum() <= high + 1e-6
    with pytest.raises(ValueError, match="no set of missing stations"):
        outstanding(small, printed({small.choices[0]: "99.9"}), (20, 20))


def test_of_two_orders_the_one_that_is_not_rejected_is_told(small: Count) -> None:
    # A region of four out: single protocols at random never look so, whole territories may.
    regions, _ = small.returns.codes([small.returns.levels[0]])
    kept = np.flatnonzero(regions[small.rows] != 1)
    shares = 100 * small.votes[kept].sum(axis=0) / small.cast[kept].sum()
    told = {c: f"{s:.2f}" for c, s in zip(small.choices, shares, strict=True)}
    found = check_preliminary(small, printed(told), Printed.of(f"{100 * kept.size / 400:.2f}"))
    order = found.details["order"]
    assert order["p_random"] < 0.001 <= order["p_blocks"]
    assert found.verdict == "consistent"
    assert "whole territories out at random may" in found.text
