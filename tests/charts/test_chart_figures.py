"""The figures: what they count, what they say on their axes, and what they do without the figures they need."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from tallyscope.charts.comet import comet
from tallyscope.charts.curves import curves
from tallyscope.charts.export import draw, to_inline_svg, to_png, to_svg
from tallyscope.charts.gallery import FIGURES, draw_all, draw_figure
from tallyscope.charts.histograms import histograms
from tallyscope.charts.integers import integers
from tallyscope.charts.measures import NothingToDraw
from tallyscope.charts.regions import regions
from tallyscope.charts.sensitivity import sensitivity
from tallyscope.charts.studio import Studio
from tallyscope.charts.svg import rounded_and_merged
from tallyscope.charts.theme import COLOURS, DARK, DENSITY, DENSITY_DARK, palette
from tallyscope.forensics.finding import Estimate, Finding


def _texts(spec: object) -> str:
    """Every inline CSV and title of a spec, as one text."""
    if isinstance(spec, dict):
        return " ".join(_texts(v) for v in spec.values())
    if isinstance(spec, list):
        return " ".join(_texts(v) for v in spec)
    return str(spec)


def _rows(chart: Any, *columns: str) -> list[dict[str, str]]:
    """The rows of the first data of a chart that have these columns."""
    for text in chart.to_dict()["datasets"].values():
        rows = list(csv.DictReader(io.StringIO(text)))
        if set(columns) <= set(rows[0]):
            return rows
    raise LookupError(columns)


def test_the_comet_counts_every_voter_of_the_stations_it_draws(made_returns):
    cells = _rows(comet(made_returns), "voters")
    table = made_returns.table.filter(pl.col("kind") == "station", pl.col("cast") > 0)
    assert sum(int(c["voters"]) for c in cells) == table["registered"].sum()
    assert all(0 <= float(c["x"]) < float(c["x2"]) for c in cells)


def test_the_comet_has_each_station_in_its_bin(made_returns):
    voters: dict[tuple[int, int], int] = {}
    for row in made_returns.table.filter(pl.col("kind") == "station", pl.col("cast") > 0).iter_rows(named=True):
        x = min(100 * row["cast"] // row["registered"], 99)
        y = min(100 * row["votes_a"] // row["cast"], 99)
        voters[x, y] = voters.get((x, y), 0) + row["registered"]
    cells = _rows(comet(made_returns), "voters")
    assert {(int(float(c["x"])), int(float(c["y"]))): int(c["voters"]) for c in cells} == voters


@pytest.mark.parametrize("figure", [comet, histograms, curves, integers, regions])
def test_every_figure_states_its_denominators(made_returns, figure):
    text = _texts(figure(made_returns).to_dict())
    assert "% of registered voters" in text
    if figure is not curves:
        assert "Anna A, % of ballots cast" in text


def test_the_denominator_on_the_axis_is_the_law_of_the_election(made_returns_of_valid):
    assert "Anna A, % of valid votes" in _texts(comet(made_returns_of_valid).to_dict())


def test_the_curves_draw_the_core_of_the_finding_and_add_up_to_its_votes(made_returns):
    finding = Finding("anomalous-votes", (), "?", True, (), "", details={"shpilkin": {"votes": 0.0, "core": 55}})
    chart = curves(made_returns, finding)
    band = _rows(chart, "from", "to")
    assert (int(band[0]["from"]), int(band[0]["to"])) == (55, 56)
    shade = _rows(chart, "scaled")
    counted = made_returns.table.filter(pl.col("kind") == "station", pl.col("cast") > 0, pl.col("registered") > 100)
    assert sum(int(row["votes"]) for row in shade) == counted["votes_a"].sum()
    assert sum(int(row["others"]) for row in shade) == (counted["cast"] - counted["votes_a"]).sum()
    (at_core,) = [row for row in shade if row["turnout"] == "55.5"]
    assert at_core["votes"] == at_core["scaled"]


def test_whole_percentages_are_drawn_from_the_finding_if_it_carries_them(made_returns):
    by = {"observed": [7] * 101, "expected": [3.0] * 101}
    details = {"by_percent": {"turnout": by, "share": by}}
    finding = Finding("integer-percentages", (), "?", True, (), "", details=details)
    bars = _rows(integers(made_returns, finding), "excess")
    assert {float(row["excess"]) for row in bars} == {4.0}


def test_regions_are_sorted_by_turnout(made_returns):
    ticks = _rows(regions(made_returns), "middle")
    turnout = [float(t["percent"]) for t in ticks]
    assert len(turnout) == 3
    assert turnout == sorted(turnout, reverse=True)


def test_figures_that_cannot_be_drawn_say_so_and_the_gallery_leaves_them_out(made_returns):
    bare = made_returns.filter(pl.col("kind") == "pseudo")
    for figure in (comet, histograms, curves, integers, regions):
        with pytest.raises(NothingToDraw):
            figure(bare)
    assert draw_all(bare) == ()


def test_a_figure_of_a_method_that_does_not_apply_is_left_out(made_returns):
    finding = Finding("anomalous-votes", (), "?", False, (), "")
    assert draw_figure("curves", made_returns, finding) is None
    assert draw_figure("curves", made_returns, None) is None
    assert draw_figure("curves", made_returns, replace(finding, applicable=True)) is not None


def test_a_svg_needs_no_network_and_is_small(made_returns):
    for figure in (comet, histograms):
        svg = to_svg(figure(made_returns))
        assert svg.startswith("<svg ")
        assert svg.count("http") == svg.count("http://www.w3.org/")
        assert len(svg) < 400_000


def test_a_png_is_a_png(made_returns):
    assert to_png(curves(made_returns), scale=1).startswith(b"\x89PNG")


def test_an_inline_svg_takes_the_colours_of_the_page_and_keeps_its_ids_apart(made_returns):
    svg = to_inline_svg(comet(made_returns), "one")
    assert "var(--c-density-0)" in svg
    for light in (*COLOURS.values(), *DENSITY):
        assert f'"{light}"' not in svg
    assert svg.count('id="') == svg.count('id="one-')
    assert svg.count("url(#") == svg.count("url(#one-")
    assert 'role="img"' in svg
    assert '<title id="one-title">Turnout and the vote for Anna A</title>' in svg


def test_names_are_escaped_in_pictures(made_returns_with_html_names):
    for drawing in (draw(comet(made_returns_with_html_names)), draw(regions(made_returns_with_html_names))):
        for svg in (drawing.standing(), drawing.inline("x")):
            assert "<script" not in svg
            assert "&lt;script&gt;" in svg


def test_merging_joins_neighbours_of_one_look_only():
    svg = '<g><path d="M0,0h1Z" fill="a"/><path d="M2,0h1.23456Z" fill="a"/><path d="M4,0h1Z" fill="b"/></g>'
    assert rounded_and_merged(svg) == '<g><path d="M0,0h1ZM2,0h1.2Z" fill="a"/><path d="M4,0h1Z" fill="b"/></g>'


def test_numbers_in_texts_are_not_rounded():
    assert rounded_and_merged('<text x="1.2345">c = 1.3245</text>') == '<text x="1.2">c = 1.3245</text>'


def _luminance(colour: str) -> float:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", [COLOURS, DARK])
def test_texts_and_data_have_the_contrast_of_wcag_aa(look):
    """WCAG 2.2, 1.4.3 and 1.4.11: 4.5 to 1 for text, 3 to 1 for what a graphic is understood by."""
    assert _contrast(look["ink"], look["paper"]) >= 7
    assert _contrast(look["muted"], look["paper"]) >= 4.5
    for name in ("leader", "others", "anomalous"):
        assert _contrast(look[name], look["paper"]) >= 3


def test_density_grows_darker_on_light_paper_and_lighter_on_dark():
    light, dark = [_luminance(c) for c in DENSITY], [_luminance(c) for c in DENSITY_DARK]
    assert light == sorted(light, reverse=True)
    assert dark == sorted(dark)


def test_no_colour_of_the_light_look_is_used_twice():
    light = [pair[0] for pair in palette().values()]
    assert len(set(light)) == len(light)


def _sensitivity() -> Finding:
    by_core = [{"core": core, "votes": 1000.0 * (60 - core), "plausible": 58 <= core <= 61} for core in range(101)]
    details = {"shpilkin": {"votes": 0, "core": 60}, "sensitivity": {"by_core": by_core}}
    return Finding(
        "anomalous-votes", (), "?", True, (), "", Estimate(0.0, -5e3, 5e3, 0.95, "votes"), details=details
    )


def test_the_sensitivity_shows_the_plausible_cores_and_some_beside_them(made_returns):
    points = _rows(sensitivity(made_returns, _sensitivity()), "core")
    assert [int(p["core"]) for p in points] == list(range(50, 70))
    assert [int(p["core"]) for p in points if p["kind"] == "plausible core"] == [58, 59, 60, 61]
    assert {int(p["core"]): int(p["votes"]) for p in points}[61] == -1000


def test_a_finding_without_sensitivity_has_no_such_figure(made_returns):
    with pytest.raises(NothingToDraw):
        sensitivity(made_returns, replace(_sensitivity(), details={}))


def test_a_studio_draws_the_same_in_another_process(made_returns):
    findings = [Finding("integer-percentages", (), "?", True, (), ""), _sensitivity()]
    with Studio() as studio:
        studio.show(made_returns)
        studio.ask(findings)
        drawn = studio.pictures()
    assert [p.name for p in drawn] == list(FIGURES)
    assert drawn == draw_all(made_returns, findings)


def test_a_studio_draws_here_when_there_is_no_other_process(made_returns, monkeypatch):
    monkeypatch.setattr("sys.executable", "")
    with Studio() as studio:
        studio.show(made_returns)
        studio.ask(())
        assert [p.name for p in studio.pictures()] == ["comet", "histograms", "regions"]
