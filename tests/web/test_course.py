"""The picture of how shares moved: places that are the shares themselves, labels that do not cover one another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.election.election import Choice
from tallyscope.web.public.course import _GAP, _apart, course
from tallyscope.web.public.published import BulletinHead
from web.made_public import START, document, made_night, select

A, B = Choice("a", "Anna A"), Choice("b", "Boris B")


def heads(*shown: tuple[int, float, float]) -> list[BulletinHead]:
    """Bulletins of (protocols of 200, share of A, share of B), the newest first."""
    made = [
        BulletinHead(i + 1, START + timedelta(hours=i), n, n, 200, "", {"a": a, "b": b})
        for i, (n, a, b) in enumerate(shown)
    ]
    return made[::-1]


def test_a_point_stands_where_its_share_and_its_part_of_the_protocols_are() -> None:
    found = course(heads((20, 60.0, 30.0), (100, 55.0, 40.0), (150, 50.0, 45.0)), [A, B])
    assert found is not None
    assert found.top == 70
    first, second = found.lines
    assert [x for x, _y in first.points] == [10.0, 50.0, 75.0]
    assert [found.top * (100 - y) / 100 for _x, y in first.points] == pytest.approx([60.0, 55.0, 50.0])
    assert [found.top * (100 - y) / 100 for _x, y in second.points] == pytest.approx([30.0, 40.0, 45.0])
    assert (first.leads, second.leads) == (True, False)


def test_two_bulletins_are_no_course_and_neither_are_three_of_the_same_protocols() -> None:
    assert course(heads((20, 60.0, 30.0), (100, 55.0, 40.0)), [A, B]) is None
    assert course(heads((20, 60.0, 30.0), (20, 60.0, 30.0), (20, 60.0, 30.0)), [A, B]) is None


def test_a_choice_whose_share_was_once_not_defined_is_not_drawn_as_zero() -> None:
    shown = heads((20, 60.0, 30.0), (100, 55.0, 40.0), (150, 50.0, 45.0))
    shown[-1] = replace(shown[-1], shares={"a": None, "b": 30.0})
    found = course(shown, [A, B])
    assert found is not None
    assert [line.choice for line in found.lines] == [B]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_labels_stand_apart_inside_the_picture_and_in_the_order_of_their_lines(wanted: list[float]) -> None:
    placed = _apart(wanted)
    assert all(-1e-9 <= y <= 100 for y in placed)
    inorder = [placed[i] for i in sorted(range(len(wanted)), key=lambda i: wanted[i])]
    assert all(b - a >= _GAP - 1e-9 for a, b in pairwise(inorder))


def test_the_first_page_has_the_picture_and_the_table_of_the_same_bulletins() -> None:
    tree = document(made_night(), "en/index.html")
    (figure,) = select(tree, "figure.course")
    assert len(select(figure, "circle")) == 2 * len(made_night().bulletins)
