"""Posts: what an author writes is the author's claim; what is quoted or passed on is claimed by whom it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tallyscope.claims.claim import Attribution, Span, Speaker
from tallyscope.claims.reading.headlines import colon_of
from tallyscope.claims.reading.lexicon import LANGUAGES, lexicon
from tallyscope.claims.reading.sentences import Sentence, Token
from tallyscope.claims.reading.sides import Raw
from tallyscope.claims.reading.speakers import Cast

__all__ = ["Said", "posts_joined", "said_in_post"]

Said = tuple[Raw, Speaker, tuple[Attribution, ...]]

#: Shorter than this (letters) is an exclamation or a tag.
_SHORTEST = 8


def posts_joined(sentences: Sequence[tuple[Sentence, list[Raw]]]) -> list[tuple[Sentence, list[Raw]]]:
    """Sentences of a post, or of a turn, that attribute nothing, one after another, as one."""
    joined: list[tuple[Sentence, list[Raw]]] = []
    for sentence, raws in sentences:
        last = joined[-1] if joined else None
        whose = sentence.block.kind == "post" or (sentence.block.turn and not sentence.block.asks)
        if last and sentence.block.turn:
            whose = whose and not (_greets(sentence) or _greets(last[0]))
        if last and not raws and not last[1] and sentence.block is last[0].block and whose:
            whole = replace(last[0], end=sentence.end, tokens=(*last[0].tokens, *sentence.tokens))
            joined[-1] = (whole, raws)
        else:
            joined.append((sentence, raws))
    return joined


def said_in_post(sentence: Sentence, raws: Sequence[Raw], cast: Cast) -> Iterator[Said]:
    """The claims of a piece of a post, each with its speaker and, where the author passes it on, the author."""
    label = sentence.block.label
    if label is None:
        return
    author = Speaker(None, label.of(cast.text), label)
    by = (Attribution(author, "direct"),)
    words = cast.text[sentence.start : sentence.end]
    if raws:
        for raw in raws:
            if raw.subject is not None:
                yield raw, cast.resolve(raw.subject), by
    elif words.startswith("RT @") and ":" in words:
        yield _passed_on(sentence, words, cast.text, by)
    elif (said := colon_of(_plain(sentence.tokens), cast.lex, 7)) is not None and said.subject is not None:
        yield replace(said, form="indirect"), cast.resolve(said.subject), by
    elif sum(c.isalpha() for c in words) >= _SHORTEST and not words.startswith("#"):
        yield Raw((Span(sentence.start, sentence.end),), "direct", (), label), author, ()


def _greets(sentence: Sentence) -> bool:
    """ "Good evening", "No.": nothing but words of greeting, assent, thanks."""
    words = [t.low for t in sentence.tokens if t.kind == "word"]
    return any(set(words) <= lexicon(language).grammar["greetings"] for language in LANGUAGES)


def _plain(tokens: Sequence[Token]) -> list[Token]:
    """Without signs before the first word, and without an adverb between a comma and the colon."""
    kept = list(tokens)
    while kept and kept[0].kind == "mark":
        kept = kept[1:]
    colon = next((i for i, t in enumerate(kept[:8]) if t.text == ":"), None)
    comma = next((i for i, t in enumerate(kept[:8]) if t.text == ","), None)
    if colon is not None and comma is not None and 0 < comma < colon <= comma + 3:
        kept = kept[:comma] + kept[colon:]
    return kept


def _passed_on(sentence: Sentence, words: str, text: str, by: tuple[Attribution, ...]) -> Said:
    """ "RT @name: what that one wrote"."""
    colon = words.index(":")
    name = Span(sentence.start + 3, sentence.start + colon)
    rest = words[colon + 1 :]
    start = sentence.end - len(rest.lstrip())
    raw = Raw((Span(start, sentence.end),), "direct", (Span(sentence.start, sentence.start + 2),), name)
    return raw, Speaker(None, name.of(text), name), by
