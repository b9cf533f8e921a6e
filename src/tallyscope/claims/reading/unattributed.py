"""Results that a text tells in nobody's name: a commission's bulletin, a list of shares, the outlet's own words.

A text whose head names a commission and that no outlet signs is the commission's: its results are its claims. In an
article a sentence of shares that follows a commission's goes on with it; else the outlet itself tells it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tallyscope.claims.claim import Claim, Evidence, Span, Speaker
from tallyscope.claims.reading.about import About
from tallyscope.claims.reading.figures import Measures, measures_in
from tallyscope.claims.reading.layout import Block
from tallyscope.claims.reading.lexicon import lexicon
from tallyscope.claims.reading.linking import Named
from tallyscope.claims.reading.placed import Placed
from tallyscope.claims.reading.sentences import Sentence
from tallyscope.claims.reading.sides import Raw, right_stripped, span_of
from tallyscope.claims.reading.subjects import subject_after
from tallyscope.claims.registry.entities import entities
from tallyscope.election.contests import Contest

__all__ = ["author_of", "result_lines", "source_of", "teller_of", "told_of_before", "writer_of"]

_FIRST = re.compile(r"(?<!\w)(?:I|I'm|my|My|я|Я|мой|моя|мне|моё|Мой|Моё)(?!\w)")
_OF_THIS = ("об этом", "как об этом")


def author_of(text: str, blocks: Sequence[Block], named: Sequence[Named], country: str | None) -> Speaker | None:
    """The commission whose bulletin a text is: named in its first lines, in a line of its own or nearly."""
    if any(b.dateline or b.label for b in blocks):
        return None
    for block in [b for b in blocks if b.kind != "stamp"][:4]:
        for name in named:
            if not (block.start <= name.span.start and name.span.end <= block.end) or name.adjective:
                continue
            own = [entities()[i] for i in name.ids if entities()[i].kind == "commission"]
            fitting = [e for e in own if e.country == country] or (own if len(own) == 1 else [])
            alone = len(name.span) > 0.45 * (block.end - block.start)
            if fitting and alone and ":" not in text[name.span.end : name.span.end + 2]:
                return Speaker(
                    fitting[0].id, fitting[0].name, name.span, (Evidence("the bulletin's head", name.span),)
                )
    return None


def writer_of(text: str, blocks: Sequence[Block]) -> Speaker | None:
    """Whose page it is, where a line says so and the page speaks in the first person: a blog's author."""
    name = next((b.writer for b in blocks if b.writer is not None), None)
    own = any(_FIRST.search(text, b.start, b.end) for b in blocks if b.kind == "body" and not b.turn)
    if name is None or not own:
        return None
    return Speaker(None, name.of(text), None, (Evidence("the page's author", name),))


def told_of_before(sentences: Sequence[tuple[Sentence, list[Raw]]]) -> list[tuple[Sentence, list[Raw]]]:
    """ "Об этом сообщил трибунал.": who claims the sentence before, if that attributes nothing itself."""
    found = list(sentences)
    for n in range(1, len(found)):
        (before, none), (sentence, _) = found[n - 1], found[n]
        start = " ".join(t.low for t in sentence.tokens[:2])
        if none or start not in _OF_THIS or before.block.section != sentence.block.section or before.block.label:
            continue
        lex = lexicon("ru")
        for at in range(2, min(5, len(sentence.tokens))):
            subject = subject_after(sentence.tokens, at + 1, lex)
            if subject is not None and any(sentence.tokens[at].low in forms for forms in lex.verbs.values()):
                verb, end = sentence.tokens[at], right_stripped(list(before.tokens), 0, len(before.tokens))
                content = Span(before.tokens[0].start, before.tokens[end - 1].end)
                told = span_of(sentence.tokens[slice(*subject)])
                raw = Raw(
                    (content,),
                    "indirect",
                    (Span(verb.start, verb.end),),
                    told,
                    (Span(sentence.start, sentence.end),),
                )
                found[n - 1], found[n] = (before, [raw]), (sentence, [])
                break
    return found


def _of(sentence: Sentence, about: About) -> Measures:
    span = Span(sentence.start, sentence.end)
    return measures_in(about.text, [span], about.lex, about.choices)


def result_lines(sentences: Sequence[tuple[Sentence, list[Raw]]], at: int, about: About, least: int) -> int:
    """How many sentences from `at` on tell results in nobody's name: shares of choices, turnout, progress.

    Lines of a list count together; `least` figures at least, for one.
    """
    count = figures = shares = 0
    last = sentences[at][0]
    for sentence, raws in sentences[at:]:
        if raws or sentence.block.kind != "body" or sentence.block.label:
            break
        words = about.text[sentence.start : sentence.end]
        if shares and sentence.block is not last.block:
            before, now = about.text[last.end - 1] in ".!", about.text[sentence.end - 1] in ".!"
            if before or (now and count > 1):
                break  # a paragraph of prose, no line of a list
        last = sentence
        if not any(c.isdigit() for c in words):
            break
        found = _of(sentence, about)
        telling = [f for f in found.figures if f.choice or f.metric in ("turnout", "invalid_share")]
        if "?" in words or not (telling or (found.progress and count == 0)):
            break
        count += 1
        shares += len(telling)
        figures += len(telling) + (1 if found.progress else 0)
    return count if figures >= least else 0


def source_of(text: str, first: Sentence, named: Placed[Named], contest: Contest | None) -> Speaker | None:
    """ "ЦИК обработал 99,43% протоколов. Путин - 87,32% ...": the commission that begins the results."""
    for name in named.within(Span(first.start, min(first.end, first.start + 60))):
        own = [entities()[i] for i in name.ids if entities()[i].kind == "commission" and not name.adjective]
        fitting = [e for e in own if contest is not None and e.country == contest.country]
        if fitting and not any(c.isdigit() for c in text[first.start : name.span.start]):
            return Speaker(fitting[0].id, fitting[0].name, name.span, (Evidence("who counts", name.span),))
    return None


def teller_of(before: Sequence[tuple[Block, Claim]], block: Block, outlet: str | None) -> Speaker | None:
    """Who tells results in an article: the source of the results just before, else the outlet; None: neither."""
    if before:
        last_block, last = before[-1]
        near = last_block.section == block.section and block.start - last.end < 400
        entity = entities().get(last.speaker.id or "")
        commission = entity is not None and (
            entity.kind == "commission"
            or any(entities()[b].kind == "commission" for b in entity.speaks_for if b in entities())
        )
        if near and last.type == "result" and commission:
            return Speaker(last.speaker.id, last.speaker.name, None, (Evidence("goes on with the results before"),))
    if outlet is not None:
        name = entities()[outlet].name if outlet in entities() else outlet
        return Speaker(
            outlet if outlet in entities() else None, name, None, (Evidence("in the outlet's own words"),)
        )
    return None
