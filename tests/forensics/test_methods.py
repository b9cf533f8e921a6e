from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest

from tallyscope.forensics import methods as registry
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.methods import METHODS, UnknownMethod, method, run
from tallyscope.returns.table import Returns
from tallyscope.simulation.demo import demo_election


def test_every_method_is_there_and_says_what_it_needs() -> None:
    assert {m.id for m in METHODS} >= {"integer-percentages", "anomalous-votes"}
    assert len({m.id for m in METHODS}) == len(METHODS)
    for one in METHODS:
        module, name = one.function.split(":")
        assert callable(getattr(import_module(module), name))
        assert one.question.endswith("?")
        assert one.mechanisms
        assert one.conditions
        assert one.source


def test_an_unknown_method_is_refused_before_anything_is_run() -> None:
    told: list[str] = []
    with pytest.raises(UnknownMethod, match=r"'tea-leaves'.*integer-percentages, .*anomalous-votes"):
        run(demo_election(stations=1000).returns, ["integer-percentages", "tea-leaves"], told.append)
    assert told == []
    assert method("anomalous-votes").id == "anomalous-votes"


def test_methods_run_in_order_once_and_progress_is_told() -> None:
    returns, told = demo_election(stations=1000).returns, []
    findings = run(returns, ["anomalous-votes", "integer-percentages", "anomalous-votes"], told.append)
    assert [f.method for f in findings] == told == ["anomalous-votes", "integer-percentages"]
    assert [f.method for f in run(returns)] == [m.id for m in METHODS if not m.on_request]


def test_a_method_that_fails_is_told_and_the_others_answer_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Returns) -> Finding:
        raise ZeroDivisionError("no stations " + "x" * 1_000)

    monkeypatch.setattr("tallyscope.forensics.fingerprint.fingerprint", broken)
    returns, told = demo_election(stations=1000).returns, list[tuple[str, Exception]]()
    with pytest.raises(ZeroDivisionError):
        run(returns, ["fingerprint"])
    failed, other = run(returns, ["fingerprint", "integer-percentages"], None, lambda *what: told.append(what))
    ((method, error),) = told
    assert (method, type(error)) == ("fingerprint", ZeroDivisionError)
    assert (failed.method, failed.applicable, failed.p_value, failed.cries()) == ("fingerprint", False, None, None)
    assert "ZeroDivisionError: no stations" in failed.summary
    assert len(failed.summary) < 500
    assert other.p_value == other.q_value == run(returns, ["integer-percentages"])[0].p_value


def test_q_values_are_over_the_findings_that_have_a_p_value() -> None:
    blank = Finding("a", (), "?", True, (), "")
    found = registry._with_q_values([replace(blank, p_value=0.01), blank, replace(blank, p_value=0.04)])
    # Benjamini & Hochberg 1995: 2 x 0.01 / 1 and 2 x 0.04 / 2.
    assert [f.q_value for f in found] == [0.02, None, 0.04]
