"""What every method answers with, whichever it is: on a clean country, a changed one, and on next to nothing."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import polars as pl
import pytest

from tallyscope.forensics.finding import Finding
from tallyscope.forensics.methods import METHODS, Method
from tallyscope.report.findings_json import plain
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.mechanisms import stuffing
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import CleanSpec

QUICK = [m for m in METHODS if not m.on_request]


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(CleanSpec(stations=3000, regions=8), 21)


@pytest.fixture(scope="module")
def changed(clean: Returns) -> Returns:
    returns, _ = stuffing.apply(clean, Site(share_of_units=0.3), 0.15, 3)
    return returns


def _sound(finding: Finding, method: Method, returns: Returns) -> None:
    assert (finding.method, finding.mechanisms) == (method.id, method.mechanisms)
    assert finding.question == method.question
    assert finding.source == method.source
    assert finding.summary.strip()
    assert finding.conditions
    assert "fraud" not in (finding.summary + " ".join(finding.alternatives)).lower()
    assert not any(word in finding.summary.lower() for word in ("proved", "proof", "rigged", "falsified"))
    json.dumps(plain(finding.details), allow_nan=False)
    for value in (finding.p_value, finding.posterior, *(p.p_value for p in finding.where)):
        assert value is None or 0 <= value <= 1
    for place in finding.where:
        assert place.level in (*returns.levels, "station")
        assert place.q_value is None or 0 <= place.q_value <= 1
        assert math.isfinite(place.value)
    if finding.estimate is not None:
        assert finding.estimate.low <= finding.estimate.value <= finding.estimate.high
        assert finding.estimate.level in (0.9, 0.95)
    if finding.stations is not None:
        assert finding.stations.height == len(returns)
        if "strength" in finding.stations.columns:
            known = finding.stations["strength"].drop_nulls()
            assert finding.stations["strength"].dtype == pl.Float64
            assert known.is_finite().all()
            assert known.len() == 0 or float(known.min()) >= 0  # type: ignore[arg-type]
    if finding.applicable:
        assert all(c.met is not False for c in finding.conditions)
        assert finding.p_value is not None or finding.posterior is not None
        assert finding.alternatives
    else:
        assert finding.estimate is None
        assert finding.p_value is None
        assert finding.posterior is None
        assert any(c.met is not True for c in finding.conditions)


@pytest.mark.parametrize("method", QUICK, ids=lambda m: m.id)
def test_an_answer_is_sound_and_the_same_each_time(method: Method, clean: Returns, changed: Returns) -> None:
    for returns in (clean, changed):
        finding = method.run(returns)
        _sound(finding, method, returns)
        again = method.run(returns)
        assert again == finding
        if finding.stations is not None and again.stations is not None:
            assert again.stations.equals(finding.stations)


@pytest.mark.parametrize("method", QUICK, ids=lambda m: m.id)
def test_next_to_nothing_is_answered_without_a_number(method: Method, clean: Returns) -> None:
    one = clean.filter(pl.int_range(pl.len()) == 5)
    none = clean.filter(pl.lit(False))
    unknown, zeros = (
        replace(
            clean, table=clean.table.with_columns(pl.lit(value, dtype=pl.Int64).alias(c) for c in clean.figures)
        )
        for value in (None, 0)
    )
    for returns in (one, none, unknown, zeros):
        finding = method.run(returns)
        _sound(finding, method, returns)
        assert not finding.applicable


@pytest.mark.parametrize("method", QUICK, ids=lambda m: m.id)
def test_returns_without_levels_are_answered_or_refused(method: Method, clean: Returns) -> None:
    flat = replace(clean, table=clean.table.drop(clean.levels))
    _sound(method.run(flat), method, flat)
