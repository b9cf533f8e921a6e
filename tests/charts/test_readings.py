"""What was said beside every reading of it: the picture says which hold."""

from __future__ import annotations

import csv
import io

import pytest

from tallyscope.charts.export import draw
from tallyscope.charts.measures import NothingToDraw
from tallyscope.charts.readings import Measured, said_and_measured


def test_every_reading_is_named_with_its_value_and_the_band_is_what_was_said() -> None:
    readings = [Measured("ballots <cast>", 63.6, True), Measured("valid votes", 64.354, False)]
    drawing = draw(said_and_measured(readings, 63.5, 64.3, "rounds to 64 %"))
    assert "ballots <cast> 63.60 %; valid votes 64.35 %; said: rounds to 64 %" in drawing.description
    assert "64.35 %" in drawing.svg
    assert "ballots &lt;cast&gt;" in drawing.svg
    assert "Band: rounds to 64 %" in drawing.subtitle


def test_values_and_the_band_are_all_inside_of_the_picture() -> None:
    chart = said_and_measured([Measured("a", 87.3, True)], 57.0, 59.0, "expected 57 to 59 %").to_dict()
    low, high = chart["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < 57.0
    assert high > 87.3


def test_without_readings_nothing_is_drawn() -> None:
    with pytest.raises(NothingToDraw):
        said_and_measured([], 0, 1, "x")


def test_a_band_without_an_end_goes_on_to_where_the_picture_ends() -> None:
    chart = said_and_measured([Measured("a", 80.1, True)], 50.0, None, "more than 50 %").to_dict()
    data = chart["datasets"][chart["layer"][0]["data"]["name"]]
    (row,) = csv.DictReader(io.StringIO(data))
    domain = chart["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert (float(row["low"]), float(row["high"])) == (50.0, pytest.approx(domain[1]))
    assert domain[1] > 80.1
