"""The method mixture on small elections; needs the extra `bayes` but for its refusals."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tallyscope.forensics import mixture as module
from tallyscope.forensics.core.mixture import fit as fitting
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.methods import chosen, run
from tallyscope.forensics.mixture import mixture
from tallyscope.forensics.mixture_stations import sampled, used_stations
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.mechanisms import stuffing
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import Behaviour, CleanSpec, Effect


def election(stations: int = 640, seed: int = 3) -> Returns:
    return clean_election(CleanSpec(stations=stations, regions=8, stations_per_territory=80), seed)


def _alike() -> Behaviour:
    return replace(Behaviour(), region=Effect(0.0, 0.0), territory=Effect(0.0, 0.0))


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer draws than for a report, and none of the published model."""
    pytest.importorskip("jax")
    pytest.importorskip("numpyro")
    monkeypatch.setattr(fitting, "_FEW_STATIONS", (150, 300, 0))
    monkeypatch.setattr(module, "fit_qbl", lambda *_: fitting.QblFit({}, 0))
    monkeypatch.setattr(module, "_USELESS", 1.2)


def test_it_is_run_only_where_it_is_named() -> None:
    assert "mixture" not in {m.id for m in chosen()}
    assert [m.id for m in chosen(["mixture"])] == ["mixture"]


@pytest.mark.usefixtures("short")
def test_a_clean_election_says_zero_and_a_stuffed_one_says_where_and_how_many() -> None:
    clean = election()
    nothing = mixture(clean)
    assert nothing.applicable
    assert nothing.posterior is not None
    assert nothing.posterior > 0.5
    assert nothing.estimate is not None
    assert nothing.estimate.low == 0
    assert nothing.cries() is False
    assert nothing.p_value is not None
    assert nothing.p_value > 0.05
    assert "consistent with none" in nothing.summary
    stuffed, truth = stuffing.apply(clean, Site(share_of_stations=0.3), 0.2, 7)
    # So much that it is plain: of smaller doses the interval often lies too low (docs/methods/mixture.md).
    found = mixture(stuffed)
    _tells(found, stuffed, truth.votes_gained, truth.stations)


def _tells(found: Finding, stuffed: Returns, gained: int, stations: np.ndarray) -> None:  # type: ignore[type-arg]
    assert found.posterior is not None
    assert found.posterior < 0.01
    assert found.p_value is not None
    assert found.p_value < 0.01
    assert found.cries() is True
    assert found.details["mirror_test"]["p_value"] == found.p_value
    assert found.estimate is not None
    assert found.estimate.low <= gained <= found.estimate.high
    assert found.estimate.unit == "votes"
    frame = found.stations
    assert frame is not None
    assert frame.height == len(stuffed)
    known = frame.drop_nulls()
    # Null are the stations that the model is not fitted to: fewer than 100 voters.
    assert frame["p_none"].null_count() == int((stuffed.counts("registered") < 100).sum())
    np.testing.assert_allclose(known["p_none"] + known["p_incremental"] + known["p_extreme"], 1.0, atol=1e-6)
    marked = np.zeros(frame.height, dtype=bool)
    marked[stations] = True
    p = frame["p_none"].to_numpy()
    assert np.nanmean(p[marked]) < np.nanmean(p[~marked]) - 0.2
    np.testing.assert_allclose(known["strength"], -known["p_none"].log10())
    assert {w.level for w in found.where} == {"region"}
    assert sum(w.value for w in found.where) == pytest.approx(found.estimate.value, rel=1e-6)
    watched = found.details["parameters"]
    assert {"manipulated", "theta", "atypical", "territory_sd_turnout"} <= set(watched)
    assert all({"r_hat", "effective", "low", "high"} <= set(p) for p in watched.values())
    # The worst of all parameters is no better than the worst of those told one by one.
    worst = found.details["convergence"]["largest_r_hat"]
    assert worst >= max(p["r_hat"] for p in watched.values())
    assert worst >= found.details["convergence"]["of_effects"]["largest_r_hat"]


@pytest.mark.usefixtures("short")
def test_where_chains_do_not_agree_there_is_the_test_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_USELESS", 0.9)
    (found,) = run(election(320), ["mixture"])
    assert found.applicable
    assert found.p_value is not None
    assert (found.posterior, found.estimate, found.stations) == (None, None, None)
    assert "Neither a probability nor votes are told: largest R-hat 1." in found.summary
    assert found.conditions[-1].met is None
    assert found.q_value == found.p_value
    assert found.cries() is (found.p_value <= 0.05)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("many", [False, True], ids=["few stations", "many stations"])
def test_places_that_do_not_differ_have_no_effects_and_are_told_apart_all_the_same(
    monkeypatch: pytest.MonkeyPatch, many: bool
) -> None:
    monkeypatch.setattr(fitting, "_MANY", 100 if many else 5_000)
    monkeypatch.setattr(fitting, "_MANY_STATIONS", (60, 300, 60))
    clean = clean_election(replace(CleanSpec(stations=640, regions=8), behaviour=_alike()), 3)
    found = mixture(clean)
    assert found.details["levels_with_effects"] == []
    assert found.details["convergence"]["of_effects"] is None
    assert found.posterior is not None
    assert found.posterior > 0.5
    assert len(found.where) == 8


def test_what_was_compiled_is_thrown_away_before_the_system_runs_out_of_maps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jax = pytest.importorskip("jax")
    pytest.importorskip("numpyro")
    cleared = list[int]()
    monkeypatch.setattr(jax, "clear_caches", lambda: cleared.append(fitting._DONE["fits"]))
    monkeypatch.setattr(fitting, "_DONE", Counter())
    monkeypatch.setattr(fitting, "_CLEARED", 3)
    monkeypatch.setattr(fitting, "_fit", lambda *_: None)
    used, _ = used_stations(election(320))
    assert used is not None
    for _ in range(7):
        fitting.fit(used.station, used.places, 1)
    assert cleared == [3, 6]


def test_without_the_extra_it_says_in_one_line_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "installed", lambda: False)
    (found,) = run(election(), ["mixture"])
    assert not found.applicable
    assert found.posterior is None
    assert found.estimate is None
    assert "pip install 'tallyscope[bayes]'" in found.summary
    assert "\n" not in found.summary


def test_too_few_stations_missing_columns_and_small_stations_are_refused() -> None:
    returns = election()
    few = mixture(returns.filter(pl.int_range(pl.len()) < 50))
    assert not few.applicable
    assert "At least 200 stations" in few.summary
    blind = mixture(replace(returns, table=returns.table.drop("registered")))
    assert not blind.applicable
    assert "registered" in blind.summary
    one = mixture(returns.filter(pl.int_range(pl.len()) < 1))
    assert not one.applicable
    small = mixture(returns.filter(pl.col("registered") < 100))
    assert not small.applicable
    for finding in (few, blind, one, small):
        assert finding.posterior is None
        assert finding.stations is None


def test_levels_have_effects_where_their_units_have_stations_enough() -> None:
    used, asked = used_stations(clean_election(CleanSpec(stations=2000, regions=10), 1))
    assert used is not None
    assert all(c.met for c in asked)
    assert used.places.levels == ("region", "territory")
    # Where places do not differ none has an effect of its own; the votes are told by region all the same.
    used, _ = used_stations(clean_election(replace(CleanSpec(stations=2000), behaviour=_alike()), 1))
    assert used is not None
    assert used.places.levels == ()
    assert used.units is not None
    assert used.places.counted.max() + 1 == len(used.units.names)
    # One territory a region: the regions over again have no effects of their own.
    used, _ = used_stations(election())
    assert used is not None
    assert used.places.levels == ("territory",)


def test_a_sample_keeps_the_figures_of_a_station_together() -> None:
    used, _ = used_stations(election())
    assert used is not None
    part = sampled(used.station, 100, 1)
    assert part.registered.size == 100
    whole = set(zip(used.station.abstain, used.station.other, used.station.leader, strict=True))
    assert set(zip(part.abstain, part.other, part.leader, strict=True)) <= whole
    assert sampled(used.station, 10_000, 1) is used.station
