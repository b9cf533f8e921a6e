"""Pages that are lists: bulletins and what each added, what is still missing, corrections, copies, data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from tallyscope.election.roles import votes_column
from tallyscope.web.language import Language
from tallyscope.web.public.history import changes
from tallyscope.web.public.published import BulletinHead, Published, Unit
from tallyscope.web.public.record import bundle_path
from tallyscope.web.public.view import (
    Page,
    by_top,
    by_votes,
    denominator,
    grouped,
    missing_of,
    name_of,
    progress_of,
)

__all__ = ["bulletin_page", "bulletins_page", "corrections_page", "data_page", "missing_page"]

#: Of a long list, this many are on the page; all of them are in the file beside it.
LISTED = 500


def bulletins_page(published: Published, lang: Language) -> Page:
    """Every bulletin, the newest first."""
    order = by_votes(published)
    rows = [
        {"head": head, "shares": [lang.percent(head.shares.get(c.id)) for c in order]}
        for head in published.bulletins
    ]
    return Page(
        "bulletins",
        {
            "title": lang.gettext("Bulletins"),
            "rows": rows,
            "columns": [lang.short(c) for c in order],
            "denominator": denominator(published, lang),
        },
    )


def bulletin_page(published: Published, lang: Language, head: BulletinHead) -> Page:
    """What one bulletin added to the one before: a list of protocols, their votes, and the corrections."""
    before = published.before(head)
    first = before.size if before else 0
    added = published.history.slice(first, head.size - first).filter(pl.col("source") == "official")
    fresh = added.filter(pl.col("supersedes").is_null())
    stations = published.stations.select(*published.returns.levels, "station", "key").filter(
        pl.col("key").is_in(fresh["station"].implode())
    )
    changed = [c for c in changes(published.history, first, head.size) if c.source == "official"]
    return Page(
        "bulletin",
        {
            "title": lang.gettext("Bulletin %(number)s") % {"number": lang.number(head.number)},
            "head": head,
            "before": before,
            "after": next((b for b in reversed(published.bulletins) if b.number > head.number), None),
            "fresh": fresh.height,
            "votes": _added(published, lang, added),
            "tops": by_top(published, stations),
            "changed": changed[:LISTED],
            "more": len(changed) - len(changed[:LISTED]),
            **_helpers(published, lang),
        },
    )


def _added(published: Published, lang: Language, added: pl.DataFrame) -> list[dict[str, Any]]:
    """Votes that the protocols between two bulletins added or took away: new versions minus those they replaced.

    A version that annuls takes its station's votes away.
    """
    columns = [votes_column(c.id) for c in published.returns.choices]
    counts = pl.col("stage") != "annulled"
    replaced = published.history.filter(pl.col("number").is_in(added["supersedes"].drop_nulls().implode()))
    new, old = (part.filter(counts).select(columns).sum().row(0) for part in (added, replaced))
    names = [name_of(published, lang, c) for c in columns]
    rows = [(n, a - b) for n, a, b in zip(names, new, old, strict=True)]
    return [{"name": n, "votes": votes} for n, votes in sorted(rows, key=lambda row: -row[1])]


def missing_page(published: Published, lang: Language, unit: Unit) -> Page:
    """Stations without a protocol: of the nation by its regions, of a unit one by one (Kenya 2022)."""
    _done, of = progress_of(published, unit)
    children = [published.units[i] for i in unit.children] if not unit.number else []
    rows = [(u, missing_of(published, u), *progress_of(published, u)) for u in children]
    listed = [] if children else grouped(published, _out(published.below(unit)), len(unit.path))
    return Page(
        "missing",
        {
            "title": lang.gettext("Still missing"),
            "unit": unit,
            "since": published.head(unit.since),
            "of": of,
            "missing": missing_of(published, unit),
            "rows": [row for row in rows if row[1]],
            "complete": [row[0].name for row in rows if not row[1]],
            "groups": listed,
        },
    )


def _out(stations: pl.DataFrame) -> pl.DataFrame:
    """Stations without a protocol; one whose protocol was annulled is not among them."""
    return stations.filter(pl.col("kind") == "station", pl.col("status") == "empty", pl.col("version").is_null())


def corrections_page(published: Published, lang: Language) -> Page:
    """Protocols that were replaced: when, why, and every figure before and after."""
    found = published.corrections
    annulled = published.stations.filter(pl.col("stage") == "annulled")
    return Page(
        "corrections",
        {
            "title": lang.gettext("Corrections"),
            "total": len(found),
            "changed": found[:LISTED],
            "more": len(found) - len(found[:LISTED]),
            "annulled": grouped(published, annulled),
            **_helpers(published, lang),
        },
    )


def data_page(published: Published, lang: Language) -> Page:
    """What can be taken away, and how to check it."""
    head = published.latest
    return Page(
        "data",
        {
            "title": lang.gettext("Data"),
            "checkpoint": head.checkpoint,
            "record": bool(published.leaves),
            "has_copies": bool(published.copies),
        },
    )


def _helpers(published: Published, lang: Language) -> Mapping[str, Any]:
    return {"name_of": lambda column: name_of(published, lang, column), "bundle_path": bundle_path}
