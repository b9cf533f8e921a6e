"""One look for every figure: typography, a palette that colour-blind readers can tell apart, round numbers.

Data colours are of Okabe & Ito (2008, "Color Universal Design"); density is shown by viridis (van der Walt & Smith
2015), sampled evenly, so equal steps of the scale look equal. Each colour of the light look is used once: a page
swaps it by its value for a CSS custom property, and the same picture works on a dark page and on paper.
"""

from __future__ import annotations

from typing import Any

__all__ = ["COLOURS", "DARK", "DENSITY", "DENSITY_DARK", "FONT", "config", "palette", "variable"]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

#: Name -> colour of the light look.
COLOURS: dict[str, str] = {
    "paper": "#fffefd",
    "ink": "#1b1d20",
    "muted": "#5b6068",
    "grid": "#e3e5e8",
    "quiet": "#a3abb6",
    "leader": "#0072b2",
    "others": "#009e73",
    "anomalous": "#d55e00",
    "band": "#eef0f2",
}

#: The same names on a dark page.
DARK: dict[str, str] = {
    "paper": "#14171a",
    "ink": "#eceef0",
    "muted": "#a4abb4",
    "grid": "#2c3138",
    "quiet": "#66707c",
    "leader": "#56b4e9",
    "others": "#2cc196",
    "anomalous": "#ff8a3d",
    "band": "#20252a",
}

#: viridis at 16 even places, the sparsest first: on light paper the sparse end is light.
DENSITY: tuple[str, ...] = (
    "#fde725", "#d2e21b", "#a5db36", "#7ad151", "#54c568", "#35b779", "#22a884", "#1f988b",
    "#23888e", "#2a788e", "#31688e", "#39568c", "#414487", "#472f7d", "#481a6c", "#440154",
)  # fmt: skip

#: On a dark page the sparse end is dark, but not so dark that it is lost: viridis without its first sixth.
DENSITY_DARK: tuple[str, ...] = (
    "#453882", "#3f4988", "#38588c", "#32678e", "#2b748e", "#26828e", "#21908d", "#1f9c89",
    "#24aa83", "#34b679", "#4dc36c", "#6ccd5a", "#8ed745", "#b4de2c", "#d9e31b", "#fde725",
)  # fmt: skip


def variable(name: str) -> str:
    """The CSS custom property of a colour: `leader` -> `--c-leader`."""
    return f"--c-{name}"


def palette() -> dict[str, tuple[str, str]]:
    """Every colour of a figure: name -> (light, dark)."""
    pairs = {name: (light, DARK[name]) for name, light in COLOURS.items()}
    for i, both in enumerate(zip(DENSITY, DENSITY_DARK, strict=True)):
        pairs[f"density-{i}"] = both
    return pairs


def config() -> dict[str, Any]:
    """The Vega-Lite configuration that every figure carries."""
    ink, muted, grid = COLOURS["ink"], COLOURS["muted"], COLOURS["grid"]
    axis = {
        "labelColor": muted,
        "titleColor": ink,
        "labelFontSize": 12,
        "titleFontSize": 12.5,
        "titleFontWeight": 500,
        "titlePadding": 8,
        "labelPadding": 5,
        "gridColor": grid,
        "domainColor": COLOURS["quiet"],
        "tickColor": COLOURS["quiet"],
        "tickSize": 4,
        "labelFlush": False,
    }
    return {
        "background": COLOURS["paper"],
        "font": FONT,
        "padding": 6,
        # Figures say in one sentence what they show; a voice for each of thousands of marks helps nobody.
        "aria": False,
        "view": {"stroke": None},
        "axis": axis,
        "axisY": {
            "domain": False,
            "ticks": False,
            "titleAnchor": "end",
            "titleAlign": "left",
            "titleAngle": 0,
            "titleY": -14,
        },
        "axisX": {"grid": False},
        "title": {
            "color": ink,
            "subtitleColor": muted,
            "anchor": "start",
            "fontSize": 17,
            "fontWeight": 600,
            "subtitleFontSize": 12.5,
            "subtitlePadding": 5,
            "offset": 14,
        },
        "legend": {"labelColor": ink, "titleColor": ink, "labelFontSize": 12, "titleFontSize": 12.5},
        "header": {"labelColor": ink, "labelFontSize": 12},
        "text": {"color": ink, "fontSize": 12},
    }
