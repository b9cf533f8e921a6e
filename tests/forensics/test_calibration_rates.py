"""Calibration: counting answers, keeping the counts, and finding what is known of a method."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.forensics.calibration.binomial import clopper_pearson
from tallyscope.forensics.calibration.job import Answer, Row
from tallyscope.forensics.calibration.lookup import error_rates, rates_for
from tallyscope.forensics.calibration.plan import Part, Plan
from tallyscope.forensics.calibration.rates import Estimates, Rate, Rates, from_text, packaged, to_text
from tallyscope.forensics.calibration.store import Store
from tallyscope.forensics.calibration.structures import Structure, design, draw
from tallyscope.forensics.calibration.study import save_rates
from tallyscope.forensics.calibration.summary import Study, kept_of_more_runs, merged, study_rates
from tallyscope.forensics.methods import METHODS, run
from tallyscope.simulation.mechanisms.names import NAMES, STUFFING

STUDY = Study("0", ("abc",), "", "2030-01-01", "tallyscope calibrate")
TINY = design("territories", 600)


def _row(method: str = "m", **given: object) -> Row:
    return Row(method, applicable=True, **given)  # type: ignore[arg-type]


def test_counts_are_of_runs_that_answered() -> None:
    jobs = Plan("p", (Part("x", (TINY,), 4, ("m",)),)).jobs
    rows = (
        _row(p_value=0.03, at_5=True, at_1=False, estimate=20.0, low=5.0, high=35.0, level=0.9, unit="votes"),
        _row(p_value=0.3, at_5=False, at_1=False, estimate=-10.0, low=-30.0, high=10.0, level=0.9, unit="votes"),
        Row("m"),
        Row("m", error="ValueError: no"),
    )
    answers = [Answer(j.key, (r,), 600, leader=1000) for j, r in zip(jobs, rows, strict=True)]
    whole = Plan("p", (Part("x", (TINY,), 4, ("m",)),))
    (rate,) = study_rates(whole, list(reversed(answers)), STUDY).of("m")
    assert (rate.runs, rate.applicable, rate.tested, rate.at_5, rate.at_1, rate.failed) == (4, 2, 2, 1, 0, 1)
    assert rate.estimate == Estimates("votes", 0.9, 2, 0.005, 0.015, covers_truth=1, covers_zero=1)


def test_the_truth_of_a_dose_is_the_votes_gained() -> None:
    whole = Plan("p", (Part("x", (TINY,), 2, ("m",), ((STUFFING, 0.05),), ("all",)),))
    rows = (
        _row(estimate=40.0, low=10.0, high=60.0, level=0.9, unit="votes"),
        _row(estimate=40.0, low=-10.0, high=45.0, level=0.9, unit="votes"),
    )
    answers = [Answer(j.key, (r,), 600, leader=1000, gained=50) for j, r in zip(whole.jobs, rows, strict=True)]
    (rate,) = study_rates(whole, answers, STUDY).of("m")
    assert rate.gained == 0.05
    assert rate.estimate is not None
    assert (rate.estimate.covers_truth, rate.estimate.covers_zero) == (1, 1)


def _rates(*rows: Rate, study: str = "first") -> Rates:
    kinds = {"territories": "design", "territories 100": "design", "like XX-1": "like", "parts YY-1": "parts"}
    sizes = {k: 100 if k.endswith("100") else 9_000 for k in kinds}
    structures = {k: {"kind": v, "title": f"on {k}", "stations": sizes[k], "sha256": ""} for k, v in kinds.items()}
    described = {"version": "0", "commit": "", "date": study, "first_seed": 1, "command": "c", "seconds": {}}
    return Rates((described,), structures, tuple(tuple(r.row()) for r in rows))


def _rate(method: str, structure: str, mechanism: str = "", **given: int) -> Rate:
    counts = {"runs": 100, "applicable": 90, "tested": 80, "at_5": 4, "at_1": 1, "failed": 0} | given
    dose = 0.05 if mechanism else 0.0
    return Rate(method, structure, mechanism, "all" if mechanism else "", dose, dose, **counts, estimate=None)


def test_new_figures_take_the_place_of_old_ones_and_leave_the_others() -> None:
    old = _rates(_rate("a", "territories"), _rate("b", "territories"), _rate("b", "territories", STUFFING))
    new = _rates(_rate("b", "territories", at_5=9), study="second")
    both = merged(old, new)
    assert [(r.method, r.mechanism, r.at_5, both.studies[r.study]["date"]) for m in "ab" for r in both.of(m)] == [
        ("a", "", 4, "first"),
        ("b", "", 9, "second"),
        ("b", STUFFING, 4, "first"),
    ]
    all_new = merged(both, _rates(*(_rate(r.method, r.structure, r.mechanism) for m in "ab" for r in old.of(m))))
    assert len(all_new.studies) == 1


def test_figures_of_more_runs_are_not_lost_to_fewer() -> None:
    many = _rates(_rate("a", "territories", STUFFING, runs=200), _rate("a", "territories"))
    few = _rates(_rate("a", "territories", STUFFING, runs=8), _rate("a", "territories", at_5=9), study="second")
    both = merged(many, few)
    assert [(r.mechanism, r.runs, r.at_5, r.study) for r in both.of("a")] == [
        ("", 100, 9, 1),
        (STUFFING, 200, 4, 0),
    ]
    assert kept_of_more_runs(many, few) == [("a", "territories", STUFFING)]
    # Where nothing of a study is taken it is not named either.
    fewest = _rates(_rate("a", "territories", runs=8), study="third")
    untouched = merged(many, fewest)
    assert (untouched.studies, sorted(untouched.rows)) == (many.studies, sorted(many.rows))


def test_a_file_of_rates_is_read_as_written_and_added_to(tmp_path: Path) -> None:
    one = _rates(replace(_rate("a", "territories"), estimate=Estimates("votes", 0.9, 3, 0.1, 0.2, 3, 2)))
    assert from_text(to_text(one)).of("a") == one.of("a")
    save_rates(one, tmp_path / "new" / "rates.json")
    whole, stayed = save_rates(_rates(_rate("b", "territories")), tmp_path / "new" / "rates.json")
    assert whole.methods == ("a", "b")
    assert stayed == []
    fewer = _rates(replace(_rate("b", "territories"), runs=9))
    assert save_rates(fewer, tmp_path / "new" / "rates.json") == (whole, [("b", "territories", "")])
    assert from_text((tmp_path / "new" / "rates.json").read_text("utf-8")) == whole
    with pytest.raises(ValueError, match="another format"):
        from_text('{"format": 2}')


def test_the_rates_of_an_election_are_those_of_its_own_structure_else_of_the_designs() -> None:
    rates = _rates(
        _rate("a", "like XX-1", at_5=7),
        _rate("a", "parts YY-1"),
        _rate("a", "territories"),
        _rate("a", "territories", STUFFING, at_5=77),
    )
    for own in ("XX-1", "simulated-XX-1"):
        known = rates_for("a", own, rates)
        assert known is not None
        assert [(r.on, r.at_5) for r in known.alarms] == [("on like XX-1", 7), ("on parts YY-1", 4)]
        assert [(p.mechanism, p.dose, p.at_5, p.runs) for p in known.power] == [(STUFFING, 0.05, 77, 100)]
    other = rates_for("a", "ZZ-9", rates)
    assert other is not None
    assert [r.on for r in other.alarms] == ["on territories", "on parts YY-1"]
    # What is counted as applicable gave a verdict: 80 of the 90 to which the method applied.
    assert {r.applicable for r in other.alarms} == {80}
    assert "at all stations" in other.power[0].on
    assert rates_for("b", "XX-1", rates) is None


def test_of_designs_of_several_sizes_those_nearest_to_the_election_are_told() -> None:
    rates = _rates(
        _rate("a", "territories"),
        _rate("a", "territories 100"),
        _rate("a", "territories", STUFFING, at_5=90),
        _rate("a", "territories 100", STUFFING, at_5=30),
    )
    # In proportion 900 lies nearer to 100 than to 9,000; of no election in particular, the largest are told.
    for stations, structure, at_5 in ((0, "territories 100", 30), (900, "territories 100", 30),
                                      (1_000, "territories", 90), (None, "territories", 90)):  # fmt: skip
        told = rates_for("a", "ZZ-9", rates, stations)
        assert told is not None
        assert [r.on for r in told.alarms] == [f"on {structure}"]
        assert [p.at_5 for p in told.power] == [at_5]


def test_findings_carry_the_packaged_rates() -> None:
    returns = draw(TINY, 1)
    for finding in run(returns):
        assert finding.error_rates == error_rates(finding.method, returns)
    assert error_rates("tea-leaves", returns) is None


def test_the_packaged_rates_are_whole_and_name_nothing_that_is_not_there() -> None:
    rates = packaged()
    assert set(rates.methods) <= {m.id for m in METHODS}
    for method in rates.methods:
        for r in rates.of(method):
            assert r.structure in rates.structures
            assert r.mechanism in ("", *NAMES)
            assert 0 <= r.at_1 <= r.at_5 <= r.tested <= r.applicable <= r.runs
            assert rates.studies[r.study]["command"].startswith(("tallyscope calibrate", "python studies/"))
    assert len(to_text(rates)) < 300_000


def test_the_interval_is_that_of_the_tables() -> None:
    # Clopper & Pearson 1934, and scipy.stats.binomtest(5, 100).proportion_ci(method="exact").
    assert clopper_pearson(5, 100) == pytest.approx((0.016432, 0.112835), abs=1e-6)
    # The rule of three: none of n leaves 1 - (a/2)^(1/n).
    assert clopper_pearson(0, 50) == pytest.approx((0.0, 1 - 0.025 ** (1 / 50)))
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="3 of 2"):
        clopper_pearson(3, 2)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_hold_the_rate_and_mirror_each_other(counted: tuple[int, int]) -> None:
    k, n = counted
    low, high = clopper_pearson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert clopper_pearson(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_a_store_that_is_not_open_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not open"):
        Store(tmp_path, "abc").add(Answer("k", ()))


def test_a_structure_is_named_after_what_it_is() -> None:
    assert Structure("design", "territories", "", 90_000).key == "territories"
    # Rates of another size never stand in the place of those of the countries that are shown.
    assert design("territories", 1_000).key == "territories 1000"
    assert design("territories", 1_000).title.endswith(", 1,000 stations")
    assert Structure("real", "XX-1", "", 9).key == "real XX-1"
