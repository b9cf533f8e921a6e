"""How numbers are written for people."""

from __future__ import annotations

import pytest

from tallyscope.forensics.finding import in_figures
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
        (0.9975, "0.998"),
        (0.99996, "above 0.999"),
        (1.0, "1.00"),
    ],
)
def test_probabilities_are_never_written_as_zero_nor_as_one_unless_they_are(value, text):
    assert str(probability(value)) == text


def test_a_posterior_is_never_said_to_be_certain():
    told = [in_figures(p) for p in (0.0, 2e-7, 0.034, 0.5, 0.984, 0.9975, 0.99996, 1.0)]
    low, high = "below one in a million", "above 0.999"
    assert told == [low, low, "0.034", "0.5", "0.98", "0.998", high, high]


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
