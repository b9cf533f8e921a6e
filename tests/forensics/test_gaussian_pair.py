from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit

from tallyscope.forensics.core.anomalous import curves_by_unit
from tallyscope.forensics.core.core_finder import _start, smoothed
from tallyscope.forensics.core.gaussian_pair import fit_pairs

X = (np.arange(97) + 1) / 100


def pair(x: np.ndarray, m1: float, s1: float, a1: float, m2: float, s2: float, a2: float) -> np.ndarray:
    return a1 * np.exp(-((x - m1) ** 2) / (2 * s1**2)) + a2 * np.exp(-((x - m2) ** 2) / (2 * s2**2))


def test_known_gaussians_are_found_whatever_the_scale_of_the_votes() -> None:
    truth = np.array([[0.55, 0.06, 1e6, 0.8, 0.12, 3e5], [0.4, 0.1, 2.0, 0.9, 0.05, 1.0]])
    y = np.stack([pair(X, *row) for row in truth])
    start = np.array([[0.5, 0.1, 9e5, 0.75, 0.05, 1e5], [0.4, 0.1, 2.0, 0.7, 0.01, 0.1]])
    fit = fit_pairs(X, y, start)
    assert fit.converged.all()
    assert np.abs(fit.parameters) == pytest.approx(truth, rel=1e-3)


@pytest.mark.parametrize("year", [2004, 2011, 2012, 2018])
def test_the_fit_to_real_curves_is_that_of_scipy(russia, year: int) -> None:
    f = russia(year)
    curves = curves_by_unit(f.registered, f.cast, f.leader, np.zeros(f.cast.size, dtype=np.int64), 1)
    y = smoothed(curves.others)[:, :-3]
    start = _start(y, 100)
    theirs, _ = curve_fit(pair, X, y[0], p0=start[0])
    assert fit_pairs(X, y, start).parameters[0] == pytest.approx(theirs, rel=1e-3)


def test_a_row_is_fitted_as_if_it_were_alone() -> None:
    y = np.stack([pair(X, 0.5, 0.1, 10, 0.8, 0.1, 5), pair(X, 0.6, 0.05, 7, 0.7, 0.2, 6), np.zeros(97)])
    start = np.array([[0.5, 0.1, 9, 0.7, 0.05, 1]] * 3)
    together, alone = fit_pairs(X, y, start), [fit_pairs(X, y[i : i + 1], start[i : i + 1]) for i in range(3)]
    for i in range(3):
        assert together.parameters[i] == pytest.approx(alone[i].parameters[0], rel=1e-9)
        assert together.converged[i] == alone[i].converged[0]


def test_a_start_that_is_no_number_does_not_converge() -> None:
    fit = fit_pairs(X, np.ones((1, 97)), np.array([[np.nan, 0.1, 1, 0.7, 0.1, 1]]))
    assert not fit.converged[0]
