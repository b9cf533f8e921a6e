"""What has been found out about a text before its claims are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tallyscope.claims.claim import Dating, Span, Speaker
from tallyscope.claims.reading.about import About
from tallyscope.claims.reading.layout import Block
from tallyscope.claims.reading.lexicon import Lexicon, language_of, lexicon
from tallyscope.claims.reading.sentences import Sentence
from tallyscope.claims.reading.sides import Raw
from tallyscope.claims.reading.speakers import Cast
from tallyscope.claims.reading.turns import hosts_of
from tallyscope.claims.registry.entities import entities

__all__ = ["Article", "about_of", "country_of", "question_before"]


@dataclass
class Article:
    """What has been found out about a text before its claims are put together."""

    text: str
    lex: Lexicon
    blocks: Sequence[Block]
    sentences: Sequence[tuple[Sentence, list[Raw]]]
    cast: Cast
    about: About
    date: Dating
    outlet: str | None
    electoral: dict[int, bool]
    #: The commission whose own bulletin it is.
    author: Speaker | None = None
    #: Whose page it is, if it speaks in the first person.
    writer: Speaker | None = None
    #: Section -> the number of its first block.
    section_at: dict[int, int] = field(default_factory=dict)
    #: Surnames, in lower case, of those who only ask.
    hosts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for n, block in enumerate(self.blocks):
            self.section_at.setdefault(block.section, n)
        turns = [(b.label, Span(b.start, b.end)) for b in self.blocks if b.turn and b.label is not None]
        self.hosts = hosts_of(self.text, turns)


def about_of(article: Article, block: Block) -> About:
    """What is known of a block: a post may be in another language than the rest."""
    about = replace(article.about, electoral=article.electoral.get(block.section, True))
    if block.kind == "post":
        start = article.blocks[article.section_at[block.section]].start
        lex = lexicon(language_of(article.text[block.start : block.end]))
        about = replace(about, lex=lex, whole=True, choices=replace(about.choices, floor=start))
    if block.turn:
        # An answer goes on with what its question names, and with nothing before it.
        question = question_before(article, block)
        about = replace(about, choices=replace(about.choices, floor=question.start if question else block.start))
    return about


def question_before(article: Article, block: Block) -> Block | None:
    """The turn before, if it asks."""
    at = next((n for n, b in enumerate(article.blocks) if b.start == block.start), 0)
    before = article.blocks[at - 1] if at else None
    return before if before is not None and before.turn and "?" in article.text[before.start : before.end] else None


def country_of(speaker: Speaker) -> str | None:
    entity = entities().get(speaker.id or "")
    return entity.country if entity else None
