"""A made count for the tests of bulletins: 60 stations, their versions, and every odd thing done to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from made_returns import made_returns
from tallyscope.election.outcome import Majority
from tallyscope.ledger.note import new_signer
from tallyscope.ledger.protocols import stations_of, versions_of
from tallyscope.ledger.store import Ledger
from tallyscope.ledger.version import Version
from tallyscope.returns.table import Returns

__all__ = ["KEY", "ORIGIN", "corrected", "good_returns", "odd_night", "opened", "protocols"]

ORIGIN = "example.org/count"
KEY = new_signer(ORIGIN)


def good_returns(stations: int = 60) -> Returns:
    """Protocols that hold together, lists of voters known before, and the rule of more than half of the ballots."""
    made = made_returns().filter(~pl.col("station").is_in(["1", "2", "3", "4"]))
    some = made.filter((pl.int_range(pl.len()) < stations) | (pl.col("kind") == "pseudo"))
    table = some.table.with_columns(
        pl.when(pl.col("station") != "9").then(pl.col("registered") + 1).alias("registered_before")
    )
    return replace(some, table=table, election=replace(some.election, outcome=Majority("cast")))


def opened(url: str, returns: Returns) -> Ledger:
    """A new count of these stations."""
    return Ledger.create(url, returns.election, stations_of(returns), origin=ORIGIN)


def protocols(returns: Returns) -> list[Version]:
    """Their protocols, not yet accepted."""
    return versions_of(returns, entered_by="clerk", accepted_by="second clerk")


def corrected(version: Version, reason: str = "lines mixed up", **figures: int) -> Version:
    """Its correction: the votes in each other's lines, or these figures."""
    votes = {"votes_a": version.figures["votes_b"], "votes_b": version.figures["votes_a"]}
    changed: dict[str, Any] = {"figures": {**version.figures, **(figures or votes)}, "supersedes": version.number}
    return replace(version, stage="repeat", reason=reason, number=None, **changed)


def odd_night(ledger: Ledger, returns: Returns, seed: int) -> list[int]:
    """Accepts protocols with everything that happens to them, in small batches; returns the sizes in between."""
    random = np.random.default_rng(seed)
    waiting = [v for i in random.permutation(len(protocols(returns))) for v in [protocols(returns)[int(i)]]]
    standing: dict[str, Version] = {}
    sizes = [0]
    while waiting:
        batch = [_odd(random, waiting.pop()) for _ in range(min(len(waiting), int(random.integers(1, 9))))]
        again = (
            random.permutation(list(standing.values())).tolist()[: int(random.integers(0, 4))] if standing else []
        )
        for version in ledger.accept([*batch, *(_again(random, v) for v in again)]):
            standing[version.station] = version
        sizes.append(ledger.size)
    return sizes


def _odd(random: np.random.Generator, version: Version) -> Version:
    """Sometimes a line of it is missing or illegible, sometimes every one."""
    if random.random() < 0.8:
        return version
    lost = set(random.permutation(list(version.figures))[: int(random.integers(1, len(version.figures) + 1))])
    gaps = dict.fromkeys(lost, "illegible")
    return replace(version, figures={c: n for c, n in version.figures.items() if c not in lost}, gaps=gaps)  # type: ignore[arg-type]


def _again(random: np.random.Generator, version: Version) -> Version:
    stage = "annulled" if random.random() < 0.3 else "repeat-count"
    figures = {c: n + int(random.integers(0, 3)) for c, n in version.figures.items()}
    return replace(
        version,
        stage=stage,  # type: ignore[arg-type]
        figures=figures,
        reason="counted again",
        supersedes=version.number,
        number=None,
    )
