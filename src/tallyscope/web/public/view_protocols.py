"""The protocols of the stations directly below a unit: every line, when it came in, where it is in the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from tallyscope.web.language import Language
from tallyscope.web.public.history import Change
from tallyscope.web.public.published import Published, Unit
from tallyscope.web.public.view import on_form, short_name_of

__all__ = ["protocols"]

#: Columns that a page can bear; a unit with more stations has them in `data/stations.csv` alone.
_MOST = 1_000


def protocols(published: Published, lang: Language, unit: Unit) -> dict[str, Any]:
    """Values for a page: `stations`, `rows`, `changed` (corrections, the newest first), `too_many` stations."""
    below = published.below(unit) if unit.is_lowest else published.stations.clear()
    too_many = below.height if below.height > _MOST else 0
    stations = [] if too_many else list(below.iter_rows(named=True))
    changed = [change for s in stations for change in published.corrected.get(s["key"], ())]
    return {
        "stations": [_station(s, published.corrected.get(s["key"], ())) for s in stations],
        "rows": [
            (number, short_name_of(published, lang, c), _cells(lang, [s[c] for s in stations]))
            for number, c in (on_form(published) if stations else ())
        ],
        "changed": sorted(changed, key=lambda change: -change.number),
        "too_many": too_many,
    }


def _cells(lang: Language, values: Sequence[int | None]) -> Markup:
    """Cells of numbers, which hold nothing to escape: two million of them in a country."""
    return Markup("<td>" + "</td><td>".join(map(lang.number, values)) + "</td>")


def _station(row: Mapping[str, Any], corrected: Sequence[Change]) -> dict[str, Any]:
    return {
        "name": row["station"],
        "version": row["version"],
        "at": row["at"],
        "stage": row["stage"],
        "corrections": len(corrected),
    }
