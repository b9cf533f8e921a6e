"""The methods there are."""

from __future__ import annotations

from importlib import import_module

import pytest

from tallyscope.forensics.finding import Finding
from tallyscope.forensics.methods import METHODS, Method, chosen
from tallyscope.simulation.mechanisms.names import NAMES


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.id)
def test_a_method_names_known_mechanisms_and_a_function_that_is_there(method: Method) -> None:
    assert method.mechanisms
    assert set(method.mechanisms) <= set(NAMES)
    module, name = method.function.split(":")
    assert callable(getattr(import_module(module), name))


def test_ids_are_unique_and_slow_methods_run_only_where_they_are_named() -> None:
    ids = [m.id for m in METHODS]
    assert len(ids) == len(set(ids))
    assert {m.id for m in chosen()} == {m.id for m in METHODS if not m.on_request}
    assert [m.id for m in chosen(ids[::-1])] == ids[::-1]


def _finding(p: float | None = None, posterior: float | None = None, applicable: bool = True) -> Finding:
    return Finding("m", (), "", applicable, (), "", p_value=p, posterior=posterior)


def test_a_finding_cries_at_a_level_of_its_p_value_or_of_the_posterior_of_nothing() -> None:
    assert _finding(0.05).cries() is True
    assert _finding(0.02).cries(0.01) is False
    assert _finding(posterior=0.004).cries(0.01) is True
    assert _finding().cries() is None
    assert _finding(0.001, applicable=False).cries() is None
