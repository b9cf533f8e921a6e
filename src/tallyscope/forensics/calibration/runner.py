"""Running a study: in processes of this machine, or on a Dask cluster; what is done already is not done again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tallyscope.forensics.calibration.code import code_digest
from tallyscope.forensics.calibration.job import Answer, run_job
from tallyscope.forensics.calibration.plan import Job, Plan
from tallyscope.forensics.calibration.store import Store, answers_in

__all__ = ["Workers", "run_study", "still_to_do"]


@dataclass(frozen=True)
class Workers:
    """Who does the jobs: `processes` of this machine, or the cluster whose scheduler is at `dask` ("tcp://...")."""

    processes: int = 1
    dask: str | None = None


def still_to_do(plan: Plan, folder: Path) -> tuple[Job, ...]:
    """The jobs of which the folder lacks an answer, each with the methods that it lacks."""
    done: dict[str, set[str]] = {}
    impossible = set()
    for _, answer in answers_in(folder):
        done.setdefault(answer.key, set()).update(r.method for r in answer.rows)
        if answer.impossible is not None:
            impossible.add(answer.key)
    left = (
        replace(job, methods=tuple(m for m in job.methods if m not in done.get(job.key, ())))
        for job in plan.jobs
        if job.key not in impossible
    )
    return tuple(job for job in left if job.methods)


def run_study(
    jobs: tuple[Job, ...], folder: Path, workers: Workers, on_answer: Callable[[Answer], None] = lambda _: None
) -> None:
    """Runs jobs and adds their answers to the folder, in the order in which they come in.

    `on_answer`: told each, once it is on the disk. A KeyboardInterrupt leaves the folder whole: run the same again.
    """
    with Store(folder, code_digest()) as store:
        for answer in _answers(jobs, workers):
            store.add(answer)
            on_answer(answer)


def _answers(jobs: tuple[Job, ...], workers: Workers) -> Iterator[Answer]:
    if workers.dask is None and workers.processes == 1:
        yield from map(run_job, jobs)
        return
    from joblib import Parallel, delayed

    # One job a task: an answer is on the disk as soon as it is known, and a crash loses the running ones only.
    with _backend(workers):
        tasks = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="3*n_jobs")
        yield from tasks(delayed(run_job)(job) for job in jobs)


@contextmanager
def _backend(workers: Workers) -> Iterator[None]:
    from joblib import parallel_config

    if workers.dask is None:
        with _one_thread(), parallel_config("loky", n_jobs=workers.processes, inner_max_num_threads=1):
            yield
        return
    from distributed import Client

    with Client(workers.dask) as client, parallel_config("dask", client=client):
        yield


@contextmanager
def _one_thread() -> Iterator[None]:
    """Processes that start meanwhile get one polars thread each: there is a process for every core already."""
    name = "POLARS_MAX_THREADS"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
