"""Reading an article: `read_claims(text)` -> Document. No model, no network; an article takes milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from tallyscope.claims.claim import Claim, Document, ElectionLink, Of, Span
from tallyscope.claims.reading.about import About
from tallyscope.claims.reading.article import Article
from tallyscope.claims.reading.attribution import attributed
from tallyscope.claims.reading.contradictions import contradictions
from tallyscope.claims.reading.dates import written_dates
from tallyscope.claims.reading.dating import document_date, page_dates, stamps_in
from tallyscope.claims.reading.drafts import claims_of
from tallyscope.claims.reading.figures import Choices
from tallyscope.claims.reading.headlines import same
from tallyscope.claims.reading.layout import Block, layout_of
from tallyscope.claims.reading.lexicon import LANGUAGES, Lexicon, language_of, lexicon
from tallyscope.claims.reading.linking import Named, choices_in, link_of, rank
from tallyscope.claims.reading.page import moved
from tallyscope.claims.reading.placed import Placed
from tallyscope.claims.reading.quotations import quoted_in
from tallyscope.claims.reading.sentences import Sentence, interrupted, is_title, sentences_of
from tallyscope.claims.reading.sources import page_of
from tallyscope.claims.reading.speakers import Cast
from tallyscope.claims.reading.unattributed import author_of, told_of_before, writer_of
from tallyscope.claims.reading.words import Word, words_of
from tallyscope.claims.registry.entities import entities
from tallyscope.claims.registry.index import named_in
from tallyscope.claims.registry.names import name_key
from tallyscope.election.contests import Contest
from tallyscope.election.load import load_election
from tallyscope.returns.problems import Problem

__all__ = ["read_claims"]


def read_claims(text_or_path: str | Path, *, name: str | None = None) -> Document:
    """Every claim of an article with who said it, when, of which election, with which figures.

    `text_or_path`: a text (plain or HTML), or the Path of a file of text, HTML or PDF; offsets point into the text,
    of a PDF into what is read of it. Raises ReadError for what cannot be read; an article without claims has a
    problem instead.
    """
    page = page_of(text_or_path, name)
    document = _read(page.text, page.name, page.stamps)
    return replace(moved(document, page), text=page.original)


def _read(text: str, name: str, stamps: tuple[str, ...]) -> Document:
    language = language_of(text)
    lex = lexicon(language)
    article, contest, link = _article(text, lex, stamps)
    claims = _numbered(claims_of(article), text)
    claims = contradictions(text, claims, lex)
    head = next((Span(b.start, b.end) for b in article.blocks if b.kind == "headline"), None)
    others = sorted({c.election.id for c in claims if c.election.id} - {link.id})
    links = (link, *(ElectionLink(id) for id in others)) if contest else ()
    problems = (
        [] if claims else [Problem(name, "makes no claim that is attributed to anybody.", "Is it an article?")]
    )
    return Document(name, text, language, tuple(claims), article.outlet, head, article.date, links, tuple(problems))


def _article(text: str, lex: Lexicon, page_stamps: tuple[str, ...]) -> tuple[Article, Contest | None, ElectionLink]:
    outer = [q for q in quoted_in(text) if q.depth == 0 and not is_title(text, q, lex)]
    quotes = interrupted(text, outer, lex)
    blocks = layout_of(text, quotes, lex.language)
    sentences = [(s, attributed(s.tokens, _lex_of(text, s, lex))) for s in sentences_of(text, blocks, quotes)]
    sentences = told_of_before(sentences)
    named = Placed(_named(text))
    head = page_dates(page_stamps)
    ranked = rank(text, named, [*written_dates(text), *(s.written for s in head)], lex)
    contest, link = link_of(ranked)
    frames = [f for _, raws in sentences for raw in raws for f in raw.frame]
    plain = [Span(s.start, s.end) for s, raws in sentences if not raws]
    present = frozenset(id for n in named for id in n.ids if entities()[id].is_person)
    date = document_date(text, [*stamps_in(text, blocks), *head], frames, contest, sorted(present), lex, plain)
    region = contest.id if contest and contest.regional else None
    cast = Cast(text, lex, named, contest.country if contest else None, date.value, region, present)
    choices = Choices(Placed(choices_in(text, named, contest)), _denominator(contest)) if contest else Choices()
    about = About(text, lex, named, contest, link, choices)
    author = author_of(text, blocks, named, contest.country if contest else None)
    electoral = _electoral(text, blocks, contest, lex)
    writer, outlet = writer_of(text, blocks), _outlet(text, blocks, named)
    if author is not None:
        electoral = dict.fromkeys(electoral, True)  # all of a commission's bulletin is about its election
    return (
        Article(text, lex, blocks, sentences, cast, about, date, outlet, electoral, author, writer),
        contest,
        link,
    )


def _lex_of(text: str, sentence: Sentence, lex: Lexicon) -> Lexicon:
    """A post may be in another language than the rest."""
    block = sentence.block
    return lexicon(language_of(text[block.start : block.end])) if block.kind == "post" else lex


def _named(text: str) -> list[Named]:
    words = list(words_of(text))
    return [
        Named(Span(words[n.first].start, words[n.last - 1].end), n.alias.ids, n.alias.adjective)
        for n in named_in(words)
        if not _namesake(text, words, n.first, n.last, n.alias.ids)
    ]


def _namesake(text: str, words: Sequence[Word], first: int, last: int, ids: Sequence[str]) -> bool:
    """ "Giles Mironov" is not Sergei Mironov: a surname behind another first name, in the midst of a sentence."""
    if last - first != 1 or first < 2 or not all(entities()[id].is_person for id in ids):
        return False
    given, before = words[first - 1], words[first - 2]
    if (
        not given.capital
        or not given.is_word
        or given.text.isupper()
        or text[given.end : words[first].start] != " "
    ):
        return False
    if before.text[-1] in '.!?:;"«“„»”—–-' or "\n" in text[before.end : given.start]:
        return False
    known = {name_key(w) for id in ids for alias in entities()[id].aliases for w in alias.split()}
    return not any(given.low in _words_of_roles(lang) for lang in LANGUAGES) and given.key not in known


@cache
def _words_of_roles(language: str) -> frozenset[str]:
    """Words that stand before a surname and are no first name."""
    lex = lexicon(language)
    adjectives = {a.lower() for e in entities().values() for a in (*e.adjectives, *e.metonyms)}
    kinds = ("person", "body", "titles", "press")
    words = frozenset().union(*(lex.nouns[k] for k in kinds), lex.grammar["intros"], lex.grammar["adverbs"])
    return words | lex.grammar["boundaries"] | lex.grammar["subordinators"] | adjectives


def _denominator(contest: Contest) -> Of | None:
    return load_election(contest.id).form.denominator if contest.held else None


def _electoral(
    text: str,
    blocks: Sequence[Block],
    contest: Contest | None,
    lex: Lexicon,
) -> dict[int, bool]:
    """Section -> whether it is about the election: its sub-headline speaks of one; the first and posts always."""
    found: dict[int, bool] = {}
    for n, block in enumerate(blocks):
        low = text[block.start : block.end].lower()
        if contest is None:
            found[block.section] = False
        elif block.kind == "subheadline" and block.section:
            below = next((text[b.start : b.end].lower() for b in blocks[n + 1 : n + 4] if b.kind == "body"), "")
            speaks = len(set(lex.patterns["vocabulary"].findall(below))) > 1
            found[block.section] = speaks or bool(lex.patterns["vocabulary"].search(low))
        elif block.section not in found:
            found[block.section] = block.kind in ("stamp", "post", "subheadline") or not lex.patterns[
                "breaks"
            ].match(low)
    return found


def _outlet(text: str, blocks: Sequence[Block], named: Sequence[Named]) -> str | None:
    """The outlet in a dateline or a credit; else one that somebody spoke to."""
    places = [b.dateline for b in blocks if b.dateline] + [
        Span(b.start, b.end) for b in blocks if b.kind == "caption"
    ]
    for name in named:
        if entities()[name.ids[0]].kind == "outlet" and any(p.covers(name.span) for p in places):
            return name.ids[0]
    for name in named:
        if entities()[name.ids[0]].kind == "outlet":
            before = text[max(0, name.span.start - 12) : name.span.start].lower().split()
            if before and before[-1] in ("to", "told", "with", "агентству", "изданию", "телеканалу"):
                return name.ids[0]
    return None


def _numbered(claims: Sequence[Claim], text: str) -> list[Claim]:
    """Ids in order of the text; what is nested, or the same as another, is told by id."""
    width = max(2, len(str(len(claims))))
    named = [replace(c, id=f"C{n:0{width}d}") for n, c in enumerate(claims, 1)]
    finished = []
    for n, claim in enumerate(named):
        if claim.nested_in:
            before = named[max(0, n - 60) : n]
            outer = [c for c in before if c.start <= claim.start and claim.end <= c.end and not c.nested_in]
            claim = replace(claim, nested_in=outer[-1].id if outer else None)
        if claim.form == "headline":
            words = claim.words(text)
            following = named[n + 1 : n + 60]
            later = [c for c in following if c.start > claim.end and c.speaker.key == claim.speaker.key]
            scored = [(same(words, c.words(text)), c.id) for c in later[:4]]
            best = max(scored, default=(0.0, ""))
            claim = replace(claim, same_as=best[1] if best[0] >= 0.5 else None)
        finished.append(claim)
    return finished
