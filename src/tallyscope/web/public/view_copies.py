"""Copies of protocols (observers', photos, scanners) beside the official ones, line by line.

Copies are a convenience sample: whoever was there made one. The differences are facts about these stations; nothing
follows from them about the others, so the page has differences and bounds, and never a p-value.
"""

from __future__ import annotations

from typing import Any

from tallyscope.returns.problems import ReadError
from tallyscope.returns.table import Returns
from tallyscope.verification.beside import Beside, beside
from tallyscope.verification.differences import differing_lines, gains, unequal_stations
from tallyscope.web.language import Language
from tallyscope.web.public.published import Published
from tallyscope.web.public.view import Page, denominator, name_of

__all__ = ["copies_page"]

#: Of the lines that differ, this many are on the page.
_LISTED = 1000


def copies_page(published: Published, lang: Language) -> Page:
    """What the copies of every source say beside the official protocols."""
    return Page(
        "copies",
        {
            "title": lang.gettext("Copies"),
            "denominator": denominator(published, lang),
            "sources": [_source(published, lang, name, copies) for name, copies in published.copies.items()],
        },
    )


def _source(published: Published, lang: Language, name: str, copies: Returns) -> dict[str, Any]:
    try:
        compared = beside(published.returns, copies)
    except ReadError:
        # No copy of this source stands beside an official protocol yet.
        return {"name": lang.source(name), "count": len(copies.reporting()), "compared": 0}
    return {"name": lang.source(name), "count": len(copies.reporting()), **_compared(published, lang, compared)}


def _compared(published: Published, lang: Language, compared: Beside) -> dict[str, Any]:
    lines = differing_lines(compared)
    levels = [*published.returns.levels, "station"]
    rows = [
        {**row, "name": name_of(published, lang, row["figure"]), "where": " / ".join(str(row[c]) for c in levels)}
        for row in lines.head(_LISTED).iter_rows(named=True)
    ]
    sums = [
        {**row, "name": name_of(published, lang, row["figure"])}
        for row in gains(compared).iter_rows(named=True)
        if row["higher"] or row["lower"]
    ]
    return {
        "compared": compared.compared,
        "alone": len(compared.without_protocol),
        "without_copy": compared.without_copy,
        "differ": unequal_stations(compared),
        "sums": sums,
        "lines": rows,
        "more": lines.height - len(rows),
    }
