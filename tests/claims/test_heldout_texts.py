"""How well texts are read that the reader's author had not seen, beside those that the reader was made with.

`dev` was open to the author. `heldout` was written before the reader and not shown to its author: wires, an
interview, a broadcast, posts, a bulletin, and a company's election with a president's figures. First read they gave
precision .92, recall .65, F1 .76; the levels are a little below. The distance between the two folders is what a new
text is to expect.

`heldout2` was written later, by somebody who had not read the reader, and to be hard: a wire without a year, an
interview in dashes with a name that is promised, a commission's table, a radio dialogue, a blog with comments,
posts with a line for the date, a city's election beside the country's, and "3,312 of 5,362 counting tables".
First read it gave precision .86, recall .52, F1 .65.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from claims_gold import TEXTS, gold_of
from claims_grading import Graded, graded
from tallyscope.claims.export.simple import simple
from tallyscope.claims.reading import read_claims


def read_folder(folder: Path) -> Graded:
    gold = gold_of(folder)
    return graded(gold, simple(read_claims(folder / d["file"]) for d in gold["documents"]))


@pytest.fixture(scope="module")
def heldout() -> Graded:
    return read_folder(TEXTS / "heldout")


@pytest.fixture(scope="module")
def dev() -> Graded:
    return read_folder(TEXTS / "dev")


def test_texts_that_the_reader_was_made_with_are_read_nearly_whole(dev: Graded) -> None:
    assert dev.f1 >= 0.95
    assert dev.recall >= 0.95


@pytest.fixture(scope="module")
def heldout2() -> Graded:
    return read_folder(TEXTS / "heldout2")


def test_of_hard_unseen_texts_half_the_claims_are_found(heldout2: Graded) -> None:
    assert heldout2.gold == 85
    assert heldout2.recall >= 0.50
    assert heldout2.precision >= 0.84
    assert heldout2.f1 >= 0.63


def test_of_unseen_texts_most_claims_are_found_and_few_that_are_none(heldout: Graded) -> None:
    assert heldout.recall >= 0.60
    assert heldout.precision >= 0.85
    assert heldout.f1 >= 0.72


@pytest.mark.parametrize(
    ("field", "level"),
    [
        ("form", 0.90),
        ("election", 0.75),
        ("speaker", 0.65),
        ("date", 0.65),
        ("figures", 0.65),
        ("type", 0.58),
        # What is told of "tally sheets", "ballot boxes" and "proxies" is mostly missed.
        ("progress", 0.28),
    ],
)
def test_of_the_claims_found_in_unseen_texts_so_many_fields_are_right(
    field: str, level: float, heldout: Graded
) -> None:
    right, asked = heldout.field(field)
    assert right / asked >= level
