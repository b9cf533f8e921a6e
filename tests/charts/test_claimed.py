"""The figures of a checked claim: what they draw is what the check says."""

from __future__ import annotations

import polars as pl
import pytest

from tallyscope.charts.claimed import possible_shares, where_out
from tallyscope.charts.export import to_svg
from tallyscope.charts.measures import NothingToDraw

DETAILS = {
    "protocols": 1000,
    "out": [6, 7],
    "shares": {
        "oak": {"printed": "40.0", "final": 40.3, "lowest": 39.5, "highest": 41.0},
        "elm": {"printed": "58.9", "final": 58.2, "lowest": 57.0, "highest": 58.6},
    },
}


def test_shares_stand_in_points_from_the_final_one_the_largest_first() -> None:
    chart = possible_shares(DETAILS, {"oak": "Oak <b>", "elm": "Elm"})
    words = chart.to_dict()["description"]
    assert words.index("Elm") < words.index("Oak")
    assert "Elm printed 58.9 %, possible 57.00 to 58.60, final 58.20" in words
    svg = to_svg(chart)
    assert "any 6 to 7 of 1,000 protocols" in svg
    assert "Oak &lt;b&gt;" in svg


def test_a_share_outside_of_what_was_possible_is_still_in_the_picture() -> None:
    wide = {**DETAILS, "shares": {"elm": {**DETAILS["shares"]["elm"], "printed": "61.0"}}}
    domain = possible_shares(wide, {}).to_dict()["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert domain[1] > 61.0 - 58.2


def test_a_check_without_shares_and_places_without_protocols_are_not_drawn() -> None:
    with pytest.raises(NothingToDraw):
        possible_shares({"protocols": 5}, {})
    empty = pl.DataFrame(
        schema={"unit": pl.String, "protocols": pl.Float64, "ballots": pl.Float64, "of": pl.UInt32}
    )
    with pytest.raises(NothingToDraw):
        where_out(empty)


def test_the_twelve_places_with_most_are_drawn_with_their_part_of_all() -> None:
    places = pl.DataFrame(
        {
            "unit": [f"P{i}" for i in range(20)],
            "protocols": [20.0 - i for i in range(20)],
            "ballots": [1.0] * 20,
            "of": [100] * 20,
        }
    )
    chart = where_out(places)
    words = chart.to_dict()["description"]
    assert words.startswith("P0 20; P1 19")
    assert "P12" not in words
    # 20 of 210.
    assert "9.5" in to_svg(chart)


@pytest.mark.parametrize("far", [0.06, 0.25, 0.9, 5.3, 17.0, 60.0])
@pytest.mark.parametrize("width", [360, 640])
def test_the_axis_has_round_steps_on_both_sides_of_the_final_share(far: float, width: int) -> None:
    wide = {**DETAILS, "shares": {"elm": {**DETAILS["shares"]["elm"], "lowest": 58.2 - far, "highest": 58.2 + far}}}
    values = possible_shares(wide, {}, width=width).to_dict()["layer"][0]["encoding"]["x"]["axis"]["values"]
    assert 3 <= len(values) <= 11
    assert values == sorted(values)
    assert [-v for v in values] == values[::-1]
