"""Claims of headlines: by whom they name, else by whoever says the same below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from tallyscope.claims.claim import Claim, Dating, Span, Speaker
from tallyscope.claims.reading.article import Article, country_of
from tallyscope.claims.reading.headlines import headline_of, same
from tallyscope.claims.reading.layout import Block
from tallyscope.claims.reading.made import claim_of
from tallyscope.claims.reading.passages import parts_of
from tallyscope.claims.reading.sentences import tokens_of
from tallyscope.claims.reading.sides import Raw

__all__ = ["heads_of"]

#: A headline is the claim below it if it has this part of its words.
_SAME = 0.55


def heads_of(article: Article, found: Sequence[tuple[Block, Claim]]) -> Iterator[Claim]:
    """The claims of all headlines and sub-headlines; `found`: what is claimed below them."""
    for block in article.blocks:
        if block.kind in ("headline", "subheadline"):
            for part in _headlines(article.text, block):
                claim = _of_headline(article, part, found)
                if claim is not None:
                    yield claim


def _headlines(text: str, block: Block) -> list[Block]:
    """ "A Says X; B Says Y" is two."""
    cuts = [block.start - 1, *(n for n in range(block.start, block.end) if text[n] == ";"), block.end]
    parts = [(a + 1 + len(text[a + 1 : b]) - len(text[a + 1 : b].lstrip()), b) for a, b in pairwise(cuts)]
    return [replace(block, start=a, end=b) for a, b in parts if a < b]


def _of_headline(article: Article, block: Block, found: Sequence[tuple[Block, Claim]]) -> Claim | None:
    """By whom it names; else by whoever says the same below it."""
    below = [c for b, c in found if b.section == block.section and c.start > block.start and not c.nested_in]
    raw = headline_of(tokens_of(article.text, block.start, block.end, ()), article.lex)
    if raw is None or raw.subject is None:
        words = article.text[block.start : block.end]
        if (quoted := _of_interview(article, block, words)) is not None:
            return quoted
        scored = [(same(words, c.words(article.text)), c) for c in below[:3]]
        best = max(scored, key=lambda s: s[0], default=(0.0, None))
        if best[1] is None or best[0] < _SAME:
            return None
        span = Span(block.start, block.end)
        return replace(
            _made(
                article, block, Raw((span,), "headline", (), None), replace(best[1].speaker, mention=None), best[1]
            )
        )
    speaker = article.cast.resolve(raw.subject)
    follows = next((c for c in below if c.speaker.key == speaker.key), below[0] if below else None)
    return _made(article, block, raw, speaker, follows)


def _of_interview(article: Article, block: Block, words: str) -> Claim | None:
    """A quotation above a conversation is of whom it is with."""
    who = next((b.label for b in article.blocks if b.turn and not b.asks and b.label is not None), None)
    if who is None or words[0] not in '"«“„' or words[-1] not in '"»”' or block.section:
        return None
    raw = Raw((Span(block.start, block.end),), "headline", (), who)
    return _made(article, block, raw, article.cast.resolve(who), None)


def _made(article: Article, block: Block, raw: Raw, speaker: Speaker, follows: Claim | None) -> Claim:
    about = replace(
        article.about,
        electoral=article.electoral.get(block.section, True),
        speaker_country=country_of(speaker),
        headline=raw.verb,
    )
    part = parts_of(raw.content, about, False)[0]
    date = follows.statement_date if follows else Dating(article.date.value, article.date.evidence)
    return claim_of(article, replace(part, spans=raw.content), raw, speaker, (), replace(date, derived=True))
