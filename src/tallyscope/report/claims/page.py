"""The page of checked articles: each with its claims marked in place and a card in the margin; it loads nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from tallyscope.claims.checks.verdict import WORDS
from tallyscope.claims.registry.entities import entities
from tallyscope.report.claims.cards import TONES, Card, cards
from tallyscope.report.claims.checked import Checked
from tallyscope.report.claims.marking import Paragraph, paragraphs
from tallyscope.report.claims.pictures import drawn
from tallyscope.report.html import environment, resource, variables
from tallyscope.version import __version__

if TYPE_CHECKING:
    from tallyscope.charts.export import Drawing

__all__ = ["claims_page"]

#: The colours that only this page has: light, dark. "mind" is apart from the others for colour-blind readers too.
_MIND = ("#8a5a00", "#e8b84a")


@dataclass(frozen=True)
class _Article:
    """`tally`: (verdict's name, tone, how many), the most telling first."""

    name: str
    anchor: str
    of: Checked
    paragraphs: tuple[Paragraph, ...]
    cards: dict[str, Card]
    tally: tuple[tuple[str, str, int], ...]
    facts: tuple[str, ...]


def claims_page(articles: Sequence[Checked]) -> str:
    """The page as HTML text. Whatever an article says is shown and never run."""
    shown = tuple(_article(of, n) for n, of in enumerate(articles, 1))
    now = datetime.now(UTC)
    style = variables() + _colours() + resource("report.css") + resource("claims.css")
    return (
        environment()
        .get_template("claims.html.j2")
        .render(
            articles=shown,
            inline=_inline,
            style=Markup(style),
            version=__version__,
            created=f"{now.day} {now:%B %Y}",
            legend=_legend(shown),
        )
    )


def _article(of: Checked, number: int) -> _Article:
    found = cards(of, drawn(of))
    counts = Counter(c.check.verdict for c in found.values())
    order = list(TONES)
    tally = tuple((WORDS[v], TONES[v], counts[v]) for v in order if counts[v])
    return _Article(of.document.name, f"a{number}", of, paragraphs(of.document), found, tally, tuple(_facts(of)))


def _facts(of: Checked) -> Iterator[str]:
    """What is known of the article itself, with what was rejected."""
    document = of.document
    if document.outlet:
        known = entities().get(document.outlet)
        yield f"Outlet: {known.name if known is not None else document.outlet}"
    dating = document.date
    if dating.value is not None:
        why = "; ".join(dict.fromkeys(e.text for e in dating.evidence))
        yield f"Dated {dating.value.isoformat()}" + (f": {why}" if why else "")
    for rejected in dating.rejected:
        yield f"Not {rejected.value}: {rejected.why}"
    for link in document.elections:
        if link.id is not None:
            why = "; ".join(dict.fromkeys(e.text for e in link.evidence))
            yield f"About {link.id}" + (f": {why}" if why else "")
    for id, returns in of.returns.items():
        files = ", ".join(s.name for s in returns.sources)
        yield f"Returns of {id}: {len(returns):,} protocols ({files})"
    for problem in document.problems:
        yield str(problem)


def _legend(shown: Sequence[_Article]) -> tuple[tuple[str, str], ...]:
    """The tones that are on the page, in words."""
    words = {
        "no": "cannot be so, or contradicts itself",
        "mind": "holds in part: read the card",
        "yes": "holds on the count",
        "quiet": "recorded; not checkable, or says nothing",
    }
    there = {c.tone for a in shown for c in a.cards.values()}
    return tuple((tone, text) for tone, text in words.items() if tone in there)


def _inline(drawing: Drawing, id: str) -> Markup:
    """Our own drawing, whose texts the renderer has escaped."""
    return Markup(drawing.inline(id))


def _colours() -> str:
    light, dark = _MIND
    return (
        f":root{{--c-mind:{light};}}\n@media screen and (prefers-color-scheme:dark){{:root{{--c-mind:{dark};}}}}\n"
    )
