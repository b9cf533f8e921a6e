"""Calibration: running a study in processes or on a cluster, interrupting it, going on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tallyscope.forensics.calibration.job import Answer
from tallyscope.forensics.calibration.plan import FIRST_SEED, Plan
from tallyscope.forensics.calibration.rates import Rates
from tallyscope.forensics.calibration.runner import Workers, run_study, still_to_do
from tallyscope.forensics.calibration.store import NAME, answers_in
from tallyscope.forensics.calibration.study import Request, planned, studied
from tallyscope.forensics.methods import METHODS
from tallyscope.simulation.mechanisms.names import STUFFING


def _without_seconds(rates: Rates) -> Rates:
    return replace(rates, studies=tuple({**s, "seconds": {}} for s in rates.studies))


def _untimed(answer: Answer) -> Answer:
    return replace(answer, rows=tuple(replace(r, seconds=0.0) for r in answer.rows))


_NUMBERS = ("p_value", "posterior", "estimate", "low", "high")


def _numbers(answer: Answer) -> dict[str, float]:
    """Every number that there is, by method and name."""
    every = {f"{r.method} {name}": getattr(r, name) for r in answer.rows for name in _NUMBERS}
    return {name: number for name, number in every.items() if number is not None}


def _words(answer: Answer) -> Answer:
    """The answer without its numbers: what was tested, what cried, in which units."""
    return replace(answer, rows=tuple(replace(r, **dict.fromkeys(_NUMBERS)) for r in answer.rows))


@pytest.fixture(scope="module")
def tiny_request() -> Request:
    methods = ("integer-percentages", "anomalous-votes")
    return Request("small", methods, ("independent", "territories"), (STUFFING,), seeds=3, stations=600)


@pytest.fixture(scope="module")
def one_worker(tiny_request: Request, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    run_study(planned(tiny_request).jobs, folder, Workers())
    return folder


def test_every_method_can_be_studied(tmp_path: Path) -> None:
    request = Request(seeds=1, stations=400, designs=("territories-correlated",), mechanisms=(STUFFING,))
    made = planned(request)
    run_study(made.jobs, tmp_path, Workers())
    rates = studied(request, made, tmp_path)
    assert set(rates.methods) == {m.id for m in METHODS if not m.on_request}
    assert [r for m in rates.methods for r in rates.of(m) if r.failed] == []


def test_a_tiny_study_measures_every_design_and_place(tiny_request: Request, one_worker: Path) -> None:
    made = planned(tiny_request)
    rates = studied(tiny_request, made, one_worker, "c0ffee")
    assert rates.methods == ("anomalous-votes", "integer-percentages")
    assert set(rates.structures) == {"independent 600", "territories 600"}
    for method in rates.methods:
        measured = rates.of(method)
        assert {r.runs for r in measured} == {3}
        assert sum(r.failed for r in measured) == 0
        assert all(r.at_1 <= r.at_5 <= r.tested <= r.applicable <= r.runs for r in measured)
        assert {(r.mechanism, r.place) for r in measured if r.mechanism} == {
            (STUFFING, "scattered"),
            (STUFFING, "territories"),
        }
    assert "commit c0ffee" in rates.provenance(0)
    assert f"seeds from {FIRST_SEED}" in rates.provenance(0)


def test_what_is_done_is_not_done_again_and_a_line_cut_off_is(
    tiny_request: Request, one_worker: Path, tmp_path: Path
) -> None:
    made = planned(tiny_request)
    assert still_to_do(made, one_worker) == ()
    lines = (one_worker / NAME).read_text("utf-8").splitlines(keepends=True)
    (tmp_path / NAME).write_text("".join(lines[:4]) + lines[4][:40], "utf-8")
    left = still_to_do(made, tmp_path)
    assert len(left) == len(made.jobs) - 4
    run_study(left[:1], tmp_path, Workers())
    assert len(list(answers_in(tmp_path))) == 5
    assert len(still_to_do(made, tmp_path)) == len(left) - 1
    more = Plan("more", tuple(replace(p, methods=(*p.methods, "new")) for p in made.parts))
    assert {j.methods for j in still_to_do(more, one_worker)} == {("new",)}


def test_an_interrupt_leaves_what_was_answered(tiny_request: Request, tmp_path: Path) -> None:
    made = planned(tiny_request)

    def stop(answer: Answer) -> None:
        if answer.key == made.jobs[2].key:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(made.jobs, tmp_path, Workers(), stop)
    assert still_to_do(made, tmp_path) == made.jobs[3:]


def test_processes_and_order_change_nothing(tiny_request: Request, one_worker: Path, tmp_path: Path) -> None:
    made = planned(tiny_request)
    run_study(tuple(reversed(made.jobs)), tmp_path, Workers(processes=2))
    same = [_without_seconds(studied(tiny_request, made, folder)) for folder in (one_worker, tmp_path)]
    assert same[0] == same[1]


def test_a_dask_cluster_gives_the_same(tiny_request: Request, one_worker: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    made = planned(tiny_request)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        run_study(made.jobs[:4], tmp_path, Workers(dask=cluster.scheduler_address))
    found, known = ({a.key: _untimed(a) for _, a in answers_in(folder)} for folder in (tmp_path, one_worker))
    assert set(found) == {j.key for j in made.jobs[:4]}
    for key, answer in found.items():
        # Workers of a cluster have other numbers of threads, and sums of many threads differ in their last bits.
        assert _numbers(answer) == pytest.approx(_numbers(known[key]), rel=1e-9, abs=1e-9)
        assert _words(answer) == _words(known[key])
