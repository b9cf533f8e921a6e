"""Pictures out of figures, offline: SVG, PNG, and SVG to put into a page, which then owns the colours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from tallyscope.charts.svg import rounded_and_merged, with_page_colours
from tallyscope.charts.theme import COLOURS, FONT

if TYPE_CHECKING:
    from altair.typing import ChartType

__all__ = ["Drawing", "draw", "to_inline_svg", "to_png", "to_svg", "warm_up"]

_HEAD = 58
_ROOT = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>')


@dataclass(frozen=True)
class Drawing:
    """A figure rendered once, without its title: what the standing picture and the page's are both made of."""

    svg: str
    title: str
    subtitle: str
    description: str

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        root = _ROOT.search(self.svg)
        return (float(root[1]), float(root[2])) if root else (0.0, 0.0)

    def standing(self) -> str:
        """An SVG document with its title, in the light look."""
        width, height = self.size
        ink, muted, paper = (COLOURS[c] for c in ("ink", "muted", "paper"))
        head = (
            f'<text x="8" y="24" font-size="17" font-weight="600" fill="{ink}">{escape(self.title)}</text>'
            f'<text x="8" y="43" font-size="12.5" fill="{muted}">{escape(self.subtitle)}</text>'
        )
        inner = self.svg.replace("<svg ", f'<svg y="{_HEAD}" ', 1)
        look = f'width="{width:g}" height="{height + _HEAD:g}" viewBox="0 0 {width:g} {height + _HEAD:g}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {look} font-family="{escape(FONT)}" role="img" '
            f'aria-label="{escape(f"{self.title}. {self.description}")}">'
            f'<rect width="{width:g}" height="{height + _HEAD:g}" fill="{paper}"/>{head}{inner}</svg>'
        )

    def inline(self, id: str) -> str:
        """SVG for the inside of an HTML page: the page's colours and font, ids that start with `id`.

        The title and the description become <title> and <desc>, which screen readers read out.
        """
        svg = with_page_colours(self.svg, id)
        words = f'<title id="{id}-title">{escape(self.title)}</title>'
        words += f'<desc id="{id}-desc">{escape(self.description)}</desc>'

        def root(match: re.Match[str]) -> str:
            look = f'viewBox="0 0 {match[1]} {match[2]}" width="{match[1]}" height="{match[2]}"'
            return f'<svg {look} role="img" aria-labelledby="{id}-title {id}-desc">{words}'

        return _ROOT.sub(root, svg, count=1)


def draw(chart: ChartType) -> Drawing:
    """Renders a figure once."""
    import vl_convert

    # The chart's parts were validated as they were made; validating the whole again costs as much as drawing it.
    spec = chart.to_dict(validate=False)
    title = spec.pop("title", {})
    svg = rounded_and_merged(str(vl_convert.vegalite_to_svg(spec)))
    return Drawing(svg, _line(title, "text"), _line(title, "subtitle"), str(spec.get("description", "")))


def warm_up() -> None:
    """Starts the renderer, which takes most of a second the first time, by drawing next to nothing."""
    import vl_convert

    axis = {"field": "x", "type": "quantitative"}
    vl_convert.vegalite_to_svg({"data": {"values": [{"x": 1}]}, "mark": "rect", "encoding": {"x": axis}})


def _line(title: Any, part: str) -> str:
    text = title.get(part, "") if isinstance(title, dict) else (title if part == "text" else "")
    return text if isinstance(text, str) else " ".join(text)


def to_svg(chart: ChartType) -> str:
    """The figure as a standing SVG document with its title, light look."""
    return draw(chart).standing()


def to_png(chart: ChartType, scale: float = 2.0) -> bytes:
    """The figure as a PNG; `scale`: pixels per point."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(chart.to_dict(), scale=scale))


def to_inline_svg(chart: ChartType, id: str) -> str:
    """The figure for the inside of an HTML page; see `Drawing.inline`."""
    return draw(chart).inline(id)
