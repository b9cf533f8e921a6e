"""The likelihoods of both mixtures against slow and obvious ones; needs the extra `bayes`."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import binom, multivariate_normal, norm

jax = pytest.importorskip("jax")
pytest.importorskip("numpyro")

from tallyscope.forensics.core.mixture import qbl  # noqa: E402
from tallyscope.forensics.core.mixture.fit import Places, prepare  # noqa: E402
from tallyscope.forensics.core.mixture.nodes import Station  # noqa: E402
from tallyscope.forensics.core.mixture.parameters import constrained, draw_prior, log_prior, names  # noqa: E402
from tallyscope.forensics.core.mixture.posterior import changed_weights, log_posterior  # noqa: E402
from tallyscope.forensics.core.mixture.shape import Level, blocks, shape_of  # noqa: E402

STATION = Station(
    np.array([400, 90, 30, 2, 210]), np.array([300, 120, 10, 1, 90]), np.array([350, 90, 160, 97, 500])
)
UNIT = np.array([0, 0, 1, 1, 1])


@cache
def problem(centred: bool):  # type: ignore[no-untyped-def]
    """Five stations in two regions: their pseudo-data, the shape, and the compiled posterior with its gradient."""
    with jax.enable_x64(True):
        stations = prepare(STATION, Places(("region",), (UNIT,), UNIT))
        shape, data = shape_of(stations.nodes, (Level("region", 2, centred),)), blocks(stations)
        both = jax.jit(jax.value_and_grad(lambda r, e: log_posterior(r, e, shape, data), (0, 1)))
        return stations, shape, both


def test_the_posterior_is_the_sum_over_classes_of_normal_densities_and_the_prior() -> None:
    stations, shape, both = problem(centred=True)
    rng = np.random.default_rng(3)
    with jax.enable_x64(True):
        raw, effects = 0.5 * draw_prior(shape.order, rng), rng.normal(0.3, 0.4, 4)
        g = {k: float(v) for k, v in constrained(raw, shape.order).items()}
        weights = np.asarray(changed_weights(g, shape))
        fast = float(both(raw, effects)[0])
        assert fast == pytest.approx(_slow(stations, g, weights, effects, raw, shape), abs=2e-3)
    assert weights.sum() == pytest.approx(1.0)


def _slow(stations, g, weights, effects, raw, shape) -> float:  # type: ignore[no-untyped-def]
    spread = np.array([[g["sd_turnout"] ** 2, 0], [0, g["sd_share"] ** 2]])
    spread[0, 1] = spread[1, 0] = g["correlation"] * g["sd_turnout"] * g["sd_share"]
    data, total = stations.data, 0.0
    for i, (size, unit) in enumerate(zip(stations.size, stations.unit, strict=True)):
        slopes = np.array([[g[f"{k}_{x}"] for x in ("turnout", "share")] for k in ("size", "size2")])
        mean = effects.reshape(2, 2)[unit] + np.array([size, size**2 - 1]) @ slopes

        def density(k: int, wide: float, i: int = i, mean=mean) -> float:  # type: ignore[no-untyped-def]
            own = np.array([[data.uu[k, i], data.uv[k, i]], [data.uv[k, i], data.vv[k, i]]])
            log = data.log_constant[k, i] - data.log_constant[0, i]
            return np.exp(log) * multivariate_normal(mean, wide**2 * spread + own).pdf([data.u[k, i], data.v[k, i]])

        e, m = g["atypical"], g["manipulated"]
        likelihood = (1 - m) * ((1 - e) * density(0, 1.0) + e * density(0, g["atypical_scale"]))
        likelihood += m * sum(w * density(k + 1, 1.0) for k, w in enumerate(weights))
        total += np.log(likelihood * 2 * np.pi)
    level = np.array([[g["region_sd_turnout"] ** 2, 0], [0, g["region_sd_share"] ** 2]])
    level[0, 1] = level[1, 0] = g["region_correlation"] * g["region_sd_turnout"] * g["region_sd_share"]
    prior = multivariate_normal([g["mu_turnout"], g["mu_share"]], level).logpdf(effects.reshape(2, 2)).sum()
    return float(total + prior + 2 * np.log(2 * np.pi) + log_prior(raw, shape.order))


def test_the_gradient_is_that_of_the_sum() -> None:
    _, shape, both = problem(centred=True)
    rng = np.random.default_rng(4)
    with jax.enable_x64(True):
        raw, effects = 0.5 * draw_prior(shape.order, rng), rng.normal(0.0, 1.0, 4)
        gradient = np.concatenate(both(raw, effects)[1])
        at = np.concatenate([raw, effects])
        for i, step in enumerate(0.01 * np.eye(at.size)):
            up, down = (float(both(x[: raw.size], x[raw.size :])[0]) for x in (at + step, at - step))
            assert gradient[i] == pytest.approx((up - down) / 0.02, abs=0.02), i


def test_priors_are_densities_of_the_unconstrained_scale() -> None:
    # The log density at a draw less that at another is that of the proportions' Beta with its Jacobian p (1 - p).
    order = names(())
    at = order.index("atypical")
    one, two = np.zeros(len(order)), np.zeros(len(order))
    one[at], two[at] = logit(0.1), logit(0.4)
    with jax.enable_x64(True):
        got = float(log_prior(one, order) - log_prior(two, order))
    assert got == pytest.approx(np.log(0.1 * 0.9**9 / (0.4 * 0.6**9)), abs=1e-9)


def test_the_published_model_is_the_sum_over_its_classes_of_binomial_integrals() -> None:
    g = {
        "mu_turnout": 0.5, "mu_share": 0.1, "sd_turnout": 0.4, "sd_share": 0.5, "iota_m": 0.3, "iota_s": 0.2,
        "chi_m": 0.9, "chi_s": 0.85, "pi_none": 0.7, "pi_incremental": 0.2, "pi_extreme": 0.1,
    }  # fmt: skip
    n, a, w = STATION.registered, STATION.abstain, STATION.leader
    single = [np.asarray(c, dtype=np.float32) for c in (n, a, w)]
    fast = np.asarray(qbl.class_terms({k: np.float32(v) for k, v in g.items()}, *single))
    for i in range(n.size):
        coefficient = binom(n[i], 0.5).logpmf(a[i]) + binom(n[i], 0.5).logpmf(w[i]) + 2 * n[i] * np.log(2)
        slow = [_class(z, g, int(n[i]), int(a[i]), int(w[i])) for z in range(3)]
        best = max(slow)
        for z in range(3):
            # Classes that a station cannot belong to need not be exact.
            if slow[z] > best - 12:
                assert fast[z, i] + coefficient == pytest.approx(slow[z], abs=0.1), (z, i)


def _class(z: int, g: dict[str, float], n: int, a: int, w: int) -> float:
    """log pi_Z P(a | Z) P(w | a, Z) as the paper writes them, on a fine grid."""
    m, s = ((0.0, 0.0), (g["iota_m"], g["iota_s"]), (g["chi_m"], g["chi_s"]))[z]
    rate = a / n

    def of_leader(nu):  # type: ignore[no-untyped-def]
        if z == 0:
            return nu * (1 - rate)
        return nu * (1 - s) / (1 - m) * (1 - m - rate) + rate * (m - s) / (1 - m) + s

    def integral(k: int, p, mean: float, sd: float) -> float:  # type: ignore[no-untyped-def]
        x = np.linspace(mean - 8 * sd, mean + 8 * sd, 20_001)
        inside = binom.pmf(k, n, np.clip(p(expit(x)), 1e-6, 1 - 1e-6)) * norm.pdf(x, mean, sd)
        return float(inside.sum() * (x[1] - x[0]))

    of_a = integral(a, lambda tau: (1 - tau) * (1 - m), g["mu_turnout"], g["sd_turnout"])
    of_w = integral(w, of_leader, g["mu_share"], g["sd_share"])
    weight = (g["pi_none"], g["pi_incremental"], g["pi_extreme"])[z]
    return float(np.log(max(weight * of_a * of_w, 1e-300)))
