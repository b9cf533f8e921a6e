from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.forensics.core.multiple import q_values


def test_the_worked_example_of_benjamini_and_hochberg_1995() -> None:
    # Section 4.1: fifteen p-values, of which the procedure rejects four at 0.05.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
        0.759,
        1,
    ]
    q = q_values(np.array(p))
    assert (q <= 0.05).sum() == 4
    assert np.isclose(q[3], 15 * 0.0095 / 4)


@settings(max_examples=40)
@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=30))
def test_q_values_are_the_definition_and_pass_over_what_is_not_known(values: list[float]) -> None:
    p = np.array(values, dtype=float)
    q = q_values(p)
    known = p[~np.isnan(p)]
    for one, its in zip(p, q, strict=True):
        if np.isnan(one):
            assert np.isnan(its)
            continue
        reached = [known.size * x / (known <= x).sum() for x in known if x >= one]
        assert np.isclose(its, min(1.0, *reached))
