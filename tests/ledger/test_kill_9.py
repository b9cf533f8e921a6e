"""A writer that is killed: no acknowledged protocol is lost, none is counted twice, the record verifies."""

from __future__ import annotations

import random

from killed_writer import check, kill
from made_returns import made_returns


def test_kill_9_at_random_moments_loses_no_acknowledged_protocol(database_url: str) -> None:
    returns, moment = made_returns(), random.Random(9)
    acknowledged: dict[int, str] = {}
    kill(database_url, returns, moment, batch=2, within=0.2, after="opens")
    sizes, killed = [check(database_url, returns, acknowledged)], 0
    while killed < 6:
        after = ("plays", "accepts")[killed % 2]  # a slow machine may not come to accept anything in time
        run = kill(database_url, returns, moment, batch=2, within=0.25, after=after)
        acknowledged |= run.acknowledged
        killed += run.killed
        sizes.append(check(database_url, returns, acknowledged))
        if run.said == "ends":
            break
    assert sizes == sorted(sizes)
    assert killed >= 3
    assert 0 < len(acknowledged) <= sizes[-1]
