"""The clean countries of the calibration."""

from __future__ import annotations

import pytest

from tallyscope.simulation.designs import CLEAN_DESIGNS, clean_design


@pytest.mark.parametrize("name", CLEAN_DESIGNS)
def test_a_design_has_the_correlation_and_the_places_its_name_says(name: str) -> None:
    behaviour = clean_design(name).behaviour
    assert behaviour.correlation == pytest.approx(0.47 if name.endswith("correlated") else 0.0, abs=1e-12)
    assert (behaviour.region.turnout > 0) == name.startswith("territories")


def test_all_designs_have_the_same_total_spread_of_turnout_and_share() -> None:
    spreads = [clean_design(name).behaviour.covariance().diagonal() for name in CLEAN_DESIGNS]
    for one in spreads[1:]:
        assert one == pytest.approx(spreads[0])


def test_another_name_is_told_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="territories-correlated"):
        clean_design("clean")
