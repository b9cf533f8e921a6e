"""How far what is claimed reaches before the verb of saying, and behind it."""

from __future__ import annotations

from collections.abc import Sequence

from tallyscope.claims.reading.cues import Cue
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.sentences import Token
from tallyscope.claims.reading.sides import DASHES, has_quote, left_stripped, right_stripped

__all__ = ["left_of", "right_of"]

_NUMBERS = frozenset("0123456789")


def left_of(tokens: list[Token], cue: Cue, floor: int, lex: Lexicon) -> tuple[int, int] | None:
    """What is claimed before the cue: it ends with a comma, a dash or a quotation, and is no mere introduction."""
    if cue.subject is not None and cue.subject[1] <= floor:
        return None
    end = cue.start
    if end <= floor or not (tokens[end - 1].kind == "quote" or tokens[end - 1].text in {",", *DASHES}):
        return None
    end = right_stripped(tokens, floor, end)
    start = left_stripped(tokens, floor, end, lex)
    if start >= end:
        return None
    if not has_quote(tokens, (start, end)) and (end - start < 3 or _is_intro(tokens, start, end, lex)):
        return None
    return start, end


def right_of(tokens: list[Token], cue: Cue, ceiling: int, lex: Lexicon) -> tuple[tuple[int, int] | None, str]:
    """What is claimed after the cue, and what introduces it: "that", ":", ",", "quote" or "" (nothing)."""
    at = cue.stop
    tell, intro = "tell" in cue.kinds, ""
    while at < ceiling:
        token = tokens[at]
        if token.low in lex.that:
            intro = "that"
            break
        if token.kind == "quote":
            intro = "quote"
            break
        if token.text in {":", *DASHES}:
            intro = ":"
            at += 1
            break
        if token.text == ",":
            intro = ","
            at += 1
            if at < ceiling and tokens[at].low in lex.that:
                intro = "that"
            break
        if token.text in "«“„" and at > cue.stop - 1:
            close = next((i + 1 for i in range(at, min(at + 9, ceiling)) if tokens[i].text in "»”"), at)
            if close == at or close >= ceiling or tokens[close].text not in {",", ":"}:
                break  # no outlet that somebody spoke to
            at = close
            continue
        if token.low == "as" and at + 1 < ceiling and tokens[at + 1].low in ("many", "much", "few"):
            break
        if token.low in lex.grammar["adjuncts"] or token.low in lex.grammar["addressees"] or tell:
            skipped = _adjunct_end(tokens, at, ceiling, lex)
            if skipped == at:
                break
            at, tell = skipped, False
            continue
        break
    end = right_stripped(tokens, at, _semicolon(tokens, at, ceiling))
    while end > at and tokens[end - 1].low in lex.grammar["boundaries"]:
        end = right_stripped(tokens, at, end - 1)
    if at >= end or (end - at < 2 and tokens[at].kind != "quote"):
        return None, intro
    return (at, end), intro


def _is_intro(tokens: list[Token], start: int, end: int, lex: Lexicon) -> bool:
    """ "Earlier in the day", "Speaking to reporters late yesterday": says when and where, not what."""
    first = tokens[start].low
    if first not in lex.grammar["intros"]:
        return False
    part = tokens[start:end]
    if any(t.text[0] in _NUMBERS for t in part) and any(t.low in lex.percent["units"] for t in part):
        return False
    finite = lex.grammar["be"] | {"has", "have", "had", "will", "would", "can", "could", "did", "does", "do"}
    return len(part) <= 14 and not any(t.low in finite for t in part) and not _clause(part, lex)


def _clause(part: Sequence[Token], lex: Lexicon) -> bool:
    """A verb of results in it: "In 2012 Putin won in the first round"."""
    low = " ".join(t.low for t in part)
    return bool(lex.patterns["declared"].search(low)) or (
        lex.language == "ru" and len(part) > 6 and bool(lex.patterns["result"].search(low.partition(" ")[2]))
    )


def _semicolon(tokens: list[Token], at: int, ceiling: int) -> int:
    """Where, behind a semicolon, a clause of the text's own begins: one without figures or quotations."""
    for i in range(at + 1, ceiling):
        if tokens[i].text == ";":
            after = tokens[i + 1 : ceiling]
            if (
                after
                and not any(t.text[0] in _NUMBERS for t in after)
                and not any(t.kind == "quote" for t in after)
            ):
                return i
    return ceiling


def _adjunct_end(tokens: list[Token], at: int, ceiling: int, lex: Lexicon) -> int:
    """Past "reporters in Moscow", "on Monday", "at a press conference": up to what introduces the content."""
    stop = at
    while stop < ceiling:
        token = tokens[stop]
        if token.low in lex.that or token.kind == "quote" or token.text in {":", ",", *DASHES}:
            return stop
        stop += 1
    # Nothing introduces a clause: it begins after the addressee and the day.
    stop = at
    if tokens[at].low in lex.grammar["addressees"]:
        stop = at + 1
    elif tokens[at].low in ("on", "late", "early", "в", "во"):
        days = [i for i in range(at, min(at + 4, ceiling)) if tokens[i].low in lex.dates["weekdays"]]
        stop = days[-1] + 1 if days else ceiling
    elif tokens[at].low in lex.dates["weekdays"] or tokens[at].low in lex.dates["relative"]:
        stop = at + 1
    elif tokens[at].low in lex.grammar["adjuncts"]:
        return ceiling
    else:
        # "told the BBC (that)": an addressee by name.
        while stop < ceiling and (tokens[stop].low in lex.grammar["articles"] or tokens[stop].text[0].isupper()):
            stop += 1
    return stop
