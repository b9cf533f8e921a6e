"""Control relations computed the slow way, straight from the form, without the room that checks returns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tallyscope.election.relation import CHOICES
from tallyscope.returns.table import Returns

_HOLDS = {"=": np.equal, ">=": np.greater_equal, "<=": np.less_equal, ">": np.greater, "<": np.less}


def _broken(returns: Returns) -> dict[str, int]:
    broken = {}
    for relation in returns.election.form.relations:
        if not all(r == CHOICES or r in returns.figures for r in relation.residual.terms):
            continue  # a line that the table does not have
        residual = np.full(len(returns), relation.residual.constant)
        for role, factor in relation.residual.terms.items():
            columns = returns.votes_columns if role == CHOICES else (role,)
            residual += factor * sum(returns.counts(c) for c in columns)
        broken[relation.code] = int((~_HOLDS[relation.operator](residual, 0)).sum())
    return broken


@pytest.fixture(scope="session")
def broken_relations() -> Callable[[Returns], dict[str, int]]:
    """Code of every relation of the form, hard and soft -> stations that break it."""
    return _broken
