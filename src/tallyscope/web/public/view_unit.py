"""The page of a unit: the nation, a region, or a lowest commission with the protocols of its stations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

from tallyscope.election.election import Choice
from tallyscope.election.outcome import Outcome, OutcomeRule, share_bounds
from tallyscope.tally.outcome import counted_and_out
from tallyscope.web.language import Language
from tallyscope.web.public.course import course
from tallyscope.web.public.kinds import Kind, kinds, voters_out
from tallyscope.web.public.outcome_words import outcome_headlines, outcome_sentences
from tallyscope.web.public.published import BulletinHead, Published, Unit
from tallyscope.web.public.record import bundle_path
from tallyscope.web.public.view import (
    Page,
    by_votes,
    denominator,
    invalid,
    lines,
    missing_of,
    name_of,
    progress_of,
    results,
    title_of,
)
from tallyscope.web.public.view_protocols import protocols

__all__ = ["nation_page", "screen_page", "unit_page"]

#: Bulletins whose shares the first page tells one under the other.
_RECENT = 12


def nation_page(published: Published, lang: Language) -> Page:
    """The first page: the whole election, what is in, what is not known, and how the shares moved."""
    unit, order, sizes = published.units[0], by_votes(published), kinds(published)
    common = _common(published, lang, unit)
    return Page(
        "nation",
        {
            **common,
            **protocols(published, lang, unit),
            "over": common["over"] or _over(kind.figures for kind in sizes),
            "title": title_of(published, lang),
            "outcome": _outcome(published, lang, outcome_sentences),
            "course": course(published.bulletins, order),
            "recent": [_moment(lang, head, order) for head in published.bulletins[:_RECENT]],
            "kinds": [_kind(lang, kind, order) for kind in sizes],
            "unknown": _unknown(published, lang),
        },
    )


def unit_page(published: Published, lang: Language, unit: Unit) -> Page:
    """The page of a commission."""
    return Page(
        "unit",
        {
            **_common(published, lang, unit),
            "title": unit.name,
            "since": published.head(unit.since),
            **protocols(published, lang, unit),
        },
    )


def screen_page(published: Published, lang: Language) -> Page:
    """The large screen of the press hall: what is read from the last row of chairs, and nothing else."""
    nation = published.units[0].figures
    known = [c for c in ("registered", "cast") if published.returns.has(c)]
    facts = [(lang.gettext("Turnout"), lang.percent(nation["turnout"]))]
    facts += [(lang.role(c), lang.number(nation[c])) for c in known]  # type: ignore[arg-type]
    common = _common(published, lang, published.units[0])
    return Page(
        "screen",
        {
            **common,
            "title": title_of(published, lang),
            "facts": facts,
            "outcome": _outcome(published, lang, outcome_headlines),
        },
    )


def _common(published: Published, lang: Language, unit: Unit) -> dict[str, Any]:
    done, of = progress_of(published, unit)
    order = by_votes(published, unit)
    return {
        "unit": unit,
        "above": published.above(unit),
        "done": done,
        "of": of,
        "choices": results(published, lang, unit.figures),
        "denominator": denominator(published, lang),
        "turnout": unit.figures["turnout"],
        "figures": unit.figures,
        "over": _over(u.figures for u in (unit, *(published.units[i] for i in unit.children))),
        "missing": missing_of(published, unit),
        "last_at": published.history["at"].max(),
        "lines": lines(published, lang, unit.figures),
        "invalid": invalid(published, lang, unit.figures),
        "columns": [lang.short(c) for c in order],
        "level": published.level_below(unit),
        "children": [_child(published, lang, published.units[i], order) for i in unit.children],
        "name_of": lambda column: name_of(published, lang, column),
        "bundle_path": bundle_path,
    }


def _outcome(
    published: Published,
    lang: Language,
    tell: Callable[[Language, Outcome, OutcomeRule, Mapping[str, str]], list[str]],
) -> list[str]:
    election = published.returns.election
    if published.outcome is None or election.outcome is None:
        return []
    names = {c.id: lang.choice(c) for c in election.choices}
    return tell(lang, published.outcome, election.outcome, names)


def _over(shown: Iterable[Mapping[str, Any]]) -> bool:
    """True if a turnout of these figures is over 100 %, which needs a word."""
    return any(figures["turnout"] is not None and figures["turnout"] > 100 for figures in shown)


def _child(published: Published, lang: Language, unit: Unit, order: list[Choice]) -> dict[str, Any]:
    done, of = progress_of(published, unit)
    return {
        "unit": unit,
        "done": done,
        "of": of,
        "turnout": lang.percent(unit.figures["turnout"]),
        "shares": [lang.percent(unit.figures[f"share_{c.id}"]) for c in order],
    }


def _moment(lang: Language, head: BulletinHead, order: list[Choice]) -> dict[str, Any]:
    return {"head": head, "shares": [lang.percent(head.shares.get(c.id)) for c in order]}


def _kind(lang: Language, kind: Kind, order: list[Choice]) -> dict[str, Any]:
    shares = [lang.percent(kind.figures[f"share_{c.id}"]) for c in order]
    return {"kind": kind, "turnout": lang.percent(kind.figures["turnout"]), "shares": shares}


def _between(published: Published, lang: Language) -> dict[str, Any]:
    """`between`: name, low and high share of every choice whatever is still out, nothing where that is not known.

    `most`: as many ballots can come at most.
    """
    election = published.returns.election
    rule = election.outcome
    counted, out = counted_and_out(published.returns, rule.of if rule else election.form.denominator)
    bounds = share_bounds(counted, out) or {}
    order = [c for c in by_votes(published) if c.id in bounds]
    shares = {c.id: [lang.percent(n / 100) for n in bounds[c.id]] for c in order}
    return {"most": out.most, "between": [(lang.choice(c), *shares[c.id]) for c in order]}


def _unknown(published: Published, lang: Language) -> dict[str, Any]:
    """What the count cannot say: protocols and voters that are out, how far they can move it, and figures that are
    in and cannot be read.
    """
    standing = published.stations.filter(pl.col("stage") != "annulled")["version"].implode()
    gaps = published.gaps.filter(pl.col("version").is_in(standing))
    return {
        "voters_out": voters_out(published),
        **_between(published, lang),
        "sizes_known": published.voters is not None,
        "illegible": int((gaps["reason"] == "illegible").sum()),
        "unlisted": max(0, published.progress.of - published.progress.listed),
        "annulled": int((published.stations["stage"] == "annulled").sum()),
    }
