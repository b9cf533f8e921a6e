"""Makes a rendered SVG small, and a part of a page: text in, text out."""

from __future__ import annotations

import re

from tallyscope.charts.theme import palette, variable

__all__ = ["rounded_and_merged", "with_page_colours"]

_PATH = re.compile(r'<path d="([^"]*)"((?: (?!d=)[\w-]+="[^"]*")*)/>')
_RUN = re.compile(rf"(?:{_PATH.pattern}){{2,}}")
#: More digits than any screen shows.
_LONG = re.compile(r"-?\d+\.\d{2,}(?:e-?\d+)?")
_TAG = re.compile(r"<[^>]+>")
_ID = re.compile(r'(\bid="|url\(#|href="#)([^")]*)([")])')
_NAMES = re.compile(r' (?:aria-[\w-]+|role|class)="[^"]*"')
_FONTS = re.compile(r' font-family="[^"]*"')
_NOTHING = re.compile(r'<path d="(?:M0,0h0v0h0Z)?"(?: pointer-events="none")?(?: display="none")?/>')


def rounded_and_merged(svg: str) -> str:
    """Rounds coordinates, joins neighbouring paths that differ in their outline alone, leaves the font to the root.

    The same picture at a tenth of the size; true where such neighbours do not overlap, as in every figure here.
    """
    svg = _renumbered(_NAMES.sub("", svg))
    svg = _FONTS.sub("", svg)
    svg = _NOTHING.sub("", svg)
    # Numbers in the texts are for people and stay as they are.
    svg = _TAG.sub(lambda tag: _LONG.sub(_short, tag[0]), svg)
    return _RUN.sub(_joined, svg)


def _renumbered(svg: str) -> str:
    """Ids by order of appearance: the renderer counts on from picture to picture, and the same must be the same."""
    ids = {id: f"i{n}" for n, id in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]*)"', svg)))}
    return _ID.sub(lambda use: use[1] + ids.get(use[2], use[2]) + use[3], svg)


def _short(number: re.Match[str]) -> str:
    value = round(float(number[0]), 1 if abs(float(number[0])) >= 1 else 2)
    return f"{value:g}" if value else "0"


def _joined(run: re.Match[str]) -> str:
    out: list[tuple[list[str], str]] = []
    for outline, look in _PATH.findall(run[0]):
        if out and out[-1][1] == look:
            out[-1][0].append(outline)
        else:
            out.append(([outline], look))
    return "".join(f'<path d="{"".join(outlines)}"{look}/>' for outlines, look in out)


def with_page_colours(svg: str, id: str) -> str:
    """Colours become CSS custom properties, ids and references to them start with `id`."""
    for name, (light, _) in palette().items():
        svg = svg.replace(f'"{light}"', f'"var({variable(name)})"')
    svg = re.sub(r'\bid="', f'id="{id}-', svg)
    svg = re.sub(r"url\(#", f"url(#{id}-", svg)
    return re.sub(r'href="#', f'href="#{id}-', svg)
