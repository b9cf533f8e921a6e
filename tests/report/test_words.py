"""How numbers are written for people."""

from __future__ import annotations

import pytest

from tallyscope.report.words import amount, count, percent, probability, sentence, signed, small, title


@pytest.mark.parametrize(
    ("value", "text"),
    [(109860331, "109,860,331"), (934.4, "934.4"), (0.0312, "0.0312"), (-3.5, "−3.5"), (14932292.3, "14,932,292")],
)
def test_amounts_have_the_digits_that_mean_something(value, text):
    assert amount(value) == text


def test_what_is_not_known_is_a_dash():
    assert count(None) == percent(None) == amount(None) == signed(None) == str(probability(None)) == "–"
    assert amount(float("nan")) == percent(float("inf")) == "–"


def test_signs_and_percent():
    assert [signed(v) for v in (1161, -12, 0, -0.2)] == ["+1,161", "−12", "0", "0"]
    assert percent(65.274) == "65.27\xa0%"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.50"),
        (0.034, "0.034"),
        (2.14e-9, "2.1&nbsp;×&nbsp;10<sup>−9</sup>"),
        (0.0, "below&nbsp;10<sup>−300</sup>"),
    ],
)
def test_probabilities_are_never_written_as_zero(value, text):
    assert str(probability(value)) == text


def test_titles_and_sentences():
    assert title("integer-percentages") == "Integer percentages"
    assert sentence("It holds") == "It holds."
    assert sentence("Does it?") == "Does it?"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0213, "0.021"),
        (0.5, "0.5"),
        (3.14, "3.1"),
        (12.4, "12"),
        (100.0, "100"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_small_numbers_have_two_digits(value, text):
    assert small(value) == text
