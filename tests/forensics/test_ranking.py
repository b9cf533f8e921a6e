"""Units by what methods say of them."""

from __future__ import annotations

import numpy as np
import pytest

from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.finding import Finding, Place
from tallyscope.forensics.ranking import asked, ranked_units


def _finding(method: str, *places: Place, applicable: bool = True) -> Finding:
    return Finding(method, ("ballot stuffing",), "", applicable, (), "", where=places)


def _place(name: str, q: float | None, unit_of_value: str = "votes", level: str = "region") -> Place:
    return Place(level, (name,), 1.0, unit_of_value, q, q)


def test_a_unit_gets_its_smallest_q_value_times_the_number_of_methods_that_test_places() -> None:
    first = _finding("a", _place("North", 0.001), _place("South", 0.2))
    second = _finding("b", _place("North", 0.3), _place("South", 0.004), _place("East", 0.9))
    silent = _finding("c", _place("North", None))
    ranked = ranked_units([first, second, silent], "region")
    assert asked([first, second, silent]) == ("a", "b")
    assert [(u.unit[0], u.q_value) for u in ranked] == [
        ("North", pytest.approx(0.002)),
        ("South", pytest.approx(0.008)),
        ("East", 1.0),
    ]
    assert [m.method for m in ranked[0].marks] == ["a", "b"]
    assert [m.method for m in ranked[0].pointing(0.05)] == ["a"]


def test_a_method_that_lists_a_unit_in_two_respects_counts_with_its_stronger_one_twice() -> None:
    one = _finding("a", _place("North", 0.01), _place("North", 0.002, "stations"))
    (north,) = ranked_units([one], "region")
    assert north.q_value == pytest.approx(0.004)
    assert north.marks[0].place.unit_of_value == "stations"


def test_other_levels_and_methods_that_do_not_apply_say_nothing() -> None:
    below = _finding("a", _place("North", 0.01, level="territory"))
    not_applicable = _finding("b", _place("North", 0.01), applicable=False)
    assert ranked_units([below, not_applicable], "region") == ()


def test_false_discoveries_stay_at_their_rate_over_all_methods_together() -> None:
    rng = np.random.default_rng(5)
    share = []
    for _ in range(400):
        findings = []
        for name in "abcd":
            p = rng.random(60)
            p[:5] *= 1e-6 if name == "a" else 1.0
            q = q_values(p)
            findings.append(_finding(name, *(_place(str(i), float(q[i])) for i in range(60))))
        pointed = [u for u in ranked_units(findings, "region") if u.q_value <= 0.1]
        false = sum(1 for u in pointed if int(u.unit[0]) >= 5)
        share.append(false / max(len(pointed), 1))
    assert np.mean(share) <= 0.1 + 3 * np.std(share) / 20
