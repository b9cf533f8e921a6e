"""What each line of a page is: headline, sub-headline, body, caption, stamp, a turn of a broadcast, a post.

Lines are paragraphs. A dateline ("MOSCOW, March 19 (Agency) - ") is taken off the paragraph that it begins.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from tallyscope.claims.claim import Span
from tallyscope.claims.reading.lexicon import LANGUAGES, lexicon
from tallyscope.claims.reading.quotations import Quoted
from tallyscope.claims.reading.turns import turns_of

__all__ = ["Block", "Kind", "layout_of"]

Kind = Literal["headline", "subheadline", "body", "caption", "stamp", "post"]

_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_DATE = r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})"
#: " date 2024-03-18 Headline": a stamp before a headline, on its line.
_STAMP_BEFORE = re.compile(rf"\s*[^\W\d_]{{0,12}}:?\s*{_DATE}(?:[T ,]*\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?\s+(?=\S)")
#: "29 April 2019 01:12 CEST - Headline".
_DATED_HEAD = re.compile(
    r"(?:[^\W\d_]{3,9} \d{1,2}, \d{4}|\d{1,2} [^\W\d_]{3,9} \d{4})"
    r"(?:,? \d{1,2}:\d{2})?(?: [A-Z]{2,4})? [-–—|] (?=\S)"
)
_DATELINE = re.compile(
    r"[A-ZА-ЯЁ][A-ZА-ЯЁ.'’\-]+(?: [A-ZА-ЯЁ.'’\-]+){0,3}(?:, ?[^\n()–—]{1,40}?)?(?: ?\([^()\n]{2,40}\))?"
    r"(?: [A-ZА-ЯЁ][a-zа-яё]{2,8}\.? \d{1,2}| \d{1,2} [A-ZА-ЯЁa-zа-яё]{3,8}\.?|,? ?\d{1,2}[./]\d{1,2}[./]\d{2,4})?"
    r"(?: ?[–—] ?| - |\. (?=[A-ZА-ЯЁ«\"“]))(?:(?:РИА Новости|Интерфакс|ИТАР-ТАСС|ТАСС|Reuters|Sputnik|AP)\. )?"
    r"|[A-ZА-ЯЁ][\w'’\-]+(?: [A-ZА-ЯЁ][\w'’\-]+){0,2}, (?:\d{1,2} \w{3,10}|\w{3,10} \d{1,2},?)(?: \d{4})?"
    r"(?: ?\([^()\n]{2,40}\))? ?[-–—] "
    r"|[A-ZА-ЯЁ][A-ZА-ЯЁ.\-]+(?:, ?[^\n/]{1,30})?\. ?/[^/\n]{2,30}/\.? ?"
)
_BYLINE = re.compile(
    r"(?:By|Автор:?|Текст:|Reporting by|Editing by)\s+[A-ZА-ЯЁ][\w.'’-]+(?: [A-ZА-ЯЁ][\w.'’-]+){0,5}"
    r"(?:\s*[|,/]\s*[^\n]{2,30})?\s*$"
)
_HANDLE = re.compile(r"(?:[^\n@]{0,40}\()?(@\w{2,30})\)?\s*(?=[·•|:–—-]|$|\d)")
_COMMENT = re.compile(r"((?!\d)[\w.’'-]{2,30}(?: [\w.’'-]{1,20}){0,2}), (?=[^\n]{0,30}\d{1,2}[:.]\d\d)")
_POSTED = re.compile(
    r"(?:Posted|Published|Written|Опубликовал[аио]?|Автор|Запись)(?: by|:)?\s+"
    r"([A-ZА-ЯЁ][\w.'’-]+(?: [A-ZА-ЯЁ][\w.'’-]+){1,3})(?=\W+(?:on\s+)?[\w\d]|\s*$)"
)
_STOPS = re.compile(r"[.!?…:;,][\"”»’')\]]*$")
_ENDS = re.compile(r"[.!?…:;,][\"”»’')\]]*$|[\"”»][,.;]?$")


@dataclass(frozen=True)
class Block:
    """A paragraph from `start` to `end`. `section`: counts sub-headlines, posts, breaks.

    `label`: the name before a turn, or a post's author. `dateline`, `stamp`: passages that date it.
    """

    kind: Kind
    start: int
    end: int
    section: int = 0
    label: Span | None = None
    dateline: Span | None = None
    stamp: Span | None = None
    #: It is a turn of a conversation; `asks`: the interviewer's.
    turn: bool = False
    asks: bool = False
    #: Whose page it is, in a line that says so.
    writer: Span | None = None


def layout_of(text: str, quotes: Sequence[Quoted], language: str) -> list[Block]:
    """The blocks of a page, in order."""
    lines = [
        (m.start() + len(m[0]) - len(m[0].lstrip()), m.start() + len(m[0].rstrip())) for m in _LINE.finditer(text)
    ]
    lines = [(a, b) for a, b in lines if a < b]
    turns = turns_of(text, lines)
    blocks: list[Block] = []
    author: Span | None = None
    stamp: Span | None = None
    for n, (start, end) in enumerate(lines):
        handle = _HANDLE.match(text, start, end) or _comment(text, start, end)
        if handle:
            author, stamp = Span(*handle.span(1)), Span(start, end)
            after = _after_colon(text, handle.end(), end)
            if after is not None:
                blocks.append(Block("post", after, end, label=author))
            else:
                blocks.append(Block("stamp", start, end, label=author, stamp=stamp))
        elif author is not None and blocks[-1].kind == "stamp" and _is_stamp(text[start:end]):
            stamp = Span(start, end)
            blocks[-1] = replace(blocks[-1], end=end, stamp=stamp)
        elif author is not None:
            blocks.append(Block("post", start, end, label=author, stamp=stamp))
        else:
            follows = text[slice(*lines[n + 1])] if n + 1 < len(lines) else ""
            turn = turns is not None and n in turns.starts and not _inside(quotes, start)
            if turns is not None and turn:
                blocks.append(
                    Block("body", turns.starts[n], end, label=turns.labels[n], asks=n in turns.asked, turn=True)
                )
            else:
                blocks.append(_block(text, start, end, blocks, follows, _inside(quotes, start)))
    return _sections(text, blocks, language)


def _after_colon(text: str, at: int, end: int) -> int | None:
    """Where a post begins that stands on the line of its author; None where the line has a date or nothing."""
    rest = text[at:end]
    return at + len(rest) - len(rest[1:].lstrip()) if rest.startswith(":") and len(rest) > 12 else None


def _inside(quotes: Sequence[Quoted], at: int) -> bool:
    last = bisect_left(quotes, at, key=lambda q: q.start)
    return any(q.start < at < q.inner_end for q in quotes[max(0, last - 5) : last])


def _comment(text: str, start: int, end: int) -> re.Match[str] | None:
    """ "votercat, March 22, 2018 at 3:14 pm": a name, a day and an hour, alone on a line."""
    match = _COMMENT.match(text, start, end)
    return match if match and _is_stamp(text[match.end(1) : end]) else None


def _block(
    text: str,
    start: int,
    end: int,
    before: Sequence[Block],
    follows: str,
    quoted: bool,
) -> Block:
    line = text[start:end]
    if quoted:
        return Block("body", start, end)
    if (posted := _POSTED.match(line)) and re.search(r"\d", line):
        return Block("stamp", start, end, stamp=Span(start, end), writer=Span(*(start + n for n in posted.span(1))))
    if _is_stamp(line):
        return Block("stamp", start, end, stamp=Span(start, end))
    if (
        _BYLINE.match(line)
        or line.startswith("©")
        or follows.startswith("©")
        or re.match(r"(Photo|Фото|Image|Снимок)\b", line)
    ):
        return Block("caption", start, end)
    ends, stamp = bool(_ENDS.search(line)), None
    first = not any(b.kind in ("headline", "body") for b in before)
    if first and (stamped := _STAMP_BEFORE.match(text, start, end) or _DATED_HEAD.match(text, start, end)):
        start, stamp = stamped.end(), Span(start, stamped.end())
    words = len(text[start:end].split())
    # A quotation may stand alone above an interview.
    ends = bool(_STOPS.search(line)) if first else ends
    if first and not ends and words <= 30:
        return Block("headline", start, end, stamp=stamp)
    if not ends and 3 <= words <= 20 and text[start].isupper() and "%" not in line and not first:
        return Block("subheadline", start, end)
    dateline = _DATELINE.match(text, start, end)
    if dateline and dateline.end() < end:
        return Block("body", dateline.end(), end, dateline=Span(*dateline.span()), stamp=stamp)
    return Block("body", start, end, stamp=stamp)


def _is_stamp(line: str) -> bool:
    """A short line of dates and hours, with hardly anything else on it."""
    if len(line) > 120 or not re.search(r"\d", line):
        return False
    low = line.lower()
    for phrase in _stamp_phrases():
        low = low.replace(phrase, " ")
    words = re.findall(r"[^\W\d_]+", low)
    return sum(len(word) for word in words if word not in _stamp_words()) <= 3


@cache
def _stamp_phrases() -> tuple[str, ...]:
    phrases = {p for lang in LANGUAGES for kind in ("page_clock", "published") for p in lexicon(lang).dates[kind]}
    return tuple(sorted(phrases, key=len, reverse=True))


@cache
def _stamp_words() -> frozenset[str]:
    words = {w for lang in LANGUAGES for kind in ("weekdays", "months") for w in lexicon(lang).dates[kind]}
    return frozenset(words) | frozenset(
        [
            "at",
            "on",
            "by",
            "am",
            "pm",
            "utc",
            "gmt",
            "msk",
            "et",
            "cet",
            "мск",
            "в",
            "г",
            "год",
            "года",
            "время",
            "t",
            "z",
        ]
    )


def _sections(text: str, blocks: list[Block], language: str) -> list[Block]:
    """Numbers the sections: a sub-headline, a post's author and "In other news" begin one."""
    breaks, section, numbered, begun = lexicon(language).patterns["breaks"], 0, [], False
    for block in blocks:
        begun = begun or block.kind == "body"
        if (
            # Lines under the headline are of the article, not of a part of it.
            (block.kind == "subheadline" and begun)
            or (block.kind == "stamp" and block.label)
            or (block.kind == "body" and breaks.match(text[block.start : block.start + 60].lower()))
        ):
            section += 1
        numbered.append(replace(block, section=section))
    return numbered
