"""What a sentence attributes to whom: the words claimed, the verb, the subject, before any name is resolved.

A sentence is cut at its verbs of saying. What is claimed stands before them ("X is so, she said"), after them ("she
said that X is so"), or on both sides of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from tallyscope.claims.claim import Span
from tallyscope.claims.reading.according import according
from tallyscope.claims.reading.asides import asides
from tallyscope.claims.reading.cues import Cue, cues_in
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.reach import left_of, right_of
from tallyscope.claims.reading.sentences import Token
from tallyscope.claims.reading.sides import (
    DASHES,
    Raw,
    claims_of_side,
    has_quote,
    span_of,
    standing_alone,
)
from tallyscope.claims.reading.subjects import is_subject

__all__ = ["attributed"]

#: What is said in a relative clause ("where Lukashenko claimed 79 %") is not what the sentence says.
_RELATIVE = frozenset(
    ["which", "who", "whom", "whose", "where", "when", "который", "которая", "которые", "где", "когда"]
)
#: "The polls said the same": nothing that could be quoted.
_SAME = frozenset(["same", "so", "nothing", "otherwise", "больше", "меньше", "обратное", "ничего", "это"])
_NUMBERS = frozenset("0123456789")


def attributed(tokens: Sequence[Token], lex: Lexicon) -> list[Raw]:
    """The claims of one sentence, in order; a quotation without any attribution is one that is continued."""
    tokens = list(tokens)
    opened = according(tokens, lex)
    if opened is not None:
        return opened
    cues = _outer([c for c in cues_in(tokens, lex) if _speaks(tokens, c, lex)], tokens, lex)
    found: list[Raw] = []
    floor = 0
    for n, cue in enumerate(cues):
        ceiling = cues[n + 1].start if n + 1 < len(cues) else len(tokens)
        claims = _around(tokens, cue, floor, ceiling, lex)
        if claims:
            found += claims
            floor = max(cue.stop, *(_after(tokens, raw) for raw in claims))
    found += [raw for raw in asides(tokens, lex) if not any(_overlap(raw, other) for other in found)]
    if not found:
        found = standing_alone(tokens)
    return sorted(found, key=lambda raw: raw.content[0])


def _overlap(a: Raw, b: Raw) -> bool:
    return any(x.start < y.end and y.start < x.end for x in a.content for y in b.content)


def _outer(cues: list[Cue], tokens: list[Token], lex: Lexicon) -> list[Cue]:
    """Without those that stand inside what another says: "said that he believed the count"."""
    kept: list[Cue] = []
    for cue in cues:
        before = tokens[cue.start - 1] if cue.start else None
        if before is not None and before.low in _RELATIVE:
            continue
        apart = before is None or before.kind == "quote" or before.text in {",", ";", ":", *DASHES}
        if not kept or apart or before is None or before.low in lex.grammar["boundaries"] or before.low == "also":
            kept.append(cue)
    return kept


def _after(tokens: Sequence[Token], raw: Raw) -> int:
    end = max(span.end for span in raw.content)
    return bisect_left(tokens, end, key=lambda t: t.start)


def _speaks(tokens: Sequence[Token], cue: Cue, lex: Lexicon) -> bool:
    """False for a verb whose subject is a relative pronoun or the quotation's own words."""
    if cue.subject is None:
        return False
    first = tokens[cue.subject[0]].low
    return first not in lex.grammar["subordinators"] or first in lex.grammar["articles"]


def _around(tokens: list[Token], cue: Cue, floor: int, ceiling: int, lex: Lexicon) -> list[Raw]:
    left = left_of(tokens, cue, floor, lex)
    right, intro = right_of(tokens, cue, ceiling, lex)
    frame = _frame(tokens, cue, floor, left, right)
    citing = _citing(tokens, cue.stop, ceiling, lex)
    base = Raw(
        (),
        "indirect",
        _cue_spans(tokens, cue),
        _subject(tokens, cue),
        frame,
        verb=tokens[cue.first].low,
        citing=citing,
    )
    found: list[Raw] = []
    if left is not None:
        found += claims_of_side(tokens, left, base, lex)
    if right is not None and (left is None or intro in (":", "quote") or has_quote(tokens, right)):
        accepts = _accepts(tokens, cue, right, intro, lex)
        if accepts and {"call", "dismiss"} & cue.kinds:
            found += _called(tokens, right, base, lex)
        elif accepts:
            if left is not None and intro not in (":", "quote"):
                right = _only_quotes(tokens, right)
            found += claims_of_side(tokens, right, base, lex)
    return found


def _called(tokens: list[Token], right: tuple[int, int], base: Raw, lex: Lexicon) -> list[Raw]:
    """ "Called the vote a «sham»" claims all of it; what is quoted behind a colon stands for itself."""
    colon = next((i for i in range(*right) if tokens[i].text == ":"), right[1])
    colon = min(colon, _goes_on(tokens, right, lex))
    found = claims_of_side(tokens, (right[0], colon), base, lex)
    if found and found[0].form == "direct" and tokens[right[0]].kind != "quote":
        whole = span_of(tokens[right[0] : colon])
        found = [replace(found[0], content=(whole,), form="mixed", fragment=found[0].content[0], quote=None)]
    if colon + 1 < right[1] and tokens[colon].text == ":":
        found += claims_of_side(tokens, (colon + 1, right[1]), base, lex)
    return found


def _goes_on(tokens: list[Token], right: tuple[int, int], lex: Lexicon) -> int:
    """Where, behind the last quotation, a new clause begins: "... as «technical» and will consider them"."""
    quotes = [i for i in range(*right) if tokens[i].kind == "quote"]
    after = quotes[-1] + 1 if quotes else right[1]
    return after if after < right[1] and tokens[after].low in lex.grammar["boundaries"] else right[1]


def _only_quotes(tokens: list[Token], part: tuple[int, int]) -> tuple[int, int]:
    quotes = [i for i in range(*part) if tokens[i].kind == "quote"]
    return quotes[0], quotes[-1] + 1


def _citing(tokens: list[Token], start: int, end: int, lex: Lexicon) -> Span | None:
    """Whom the subject names as its source: "TASS reported, citing the commission", "со ссылкой на ЦИК"."""
    for at in range(start, end):
        for length in (3, 2, 1):
            if " ".join(t.low for t in tokens[at : at + length]) in lex.citing:
                stop = at + length
                while stop < end and tokens[stop].kind != "quote" and tokens[stop].text not in {",", ".", ";", ":"}:
                    stop += 1
                source = tokens[at + length : stop]
                return span_of(source) if source and is_subject(source, lex) else None
    return None


def _cue_spans(tokens: list[Token], cue: Cue) -> tuple[Span, ...]:
    return (Span(tokens[cue.first].start, tokens[cue.last - 1].end),)


def _subject(tokens: list[Token], cue: Cue) -> Span | None:
    return span_of(tokens[slice(*cue.subject)]) if cue.subject else None


def _accepts(tokens: list[Token], cue: Cue, right: tuple[int, int], intro: str, lex: Lexicon) -> bool:
    """Whether the verb takes what follows it for its content."""
    part = tokens[slice(*right)]
    if _SAME & {t.low for t in part} and len(part) <= 3 and not has_quote(tokens, right):
        return False
    if intro in ("that", "quote", ":"):
        return True
    numbered = any(t.text[0] in _NUMBERS for t in part)
    if "figure" in cue.kinds and numbered:
        return True
    if "accuse" in cue.kinds:
        return len(part) >= 2
    if "dismiss" in cue.kinds:
        return has_quote(tokens, right)
    if "call" in cue.kinds:
        return has_quote(tokens, right) or _judged(part, lex)
    if cue.kinds <= {"figure", "that", "headline"} and "say" not in cue.kinds:
        return False
    if has_quote(tokens, right):
        return True
    # "said, the elections differ": a clause after a comma; "said, citing": none.
    return bool({"say", "tell", "joined"} & cue.kinds) and len(part) >= 2


def _judged(part: list[Token], lex: Lexicon) -> bool:
    """ "Called the vote transparent": what it is called judges it."""
    low = " ".join(t.low for t in part)
    return len(part) >= 2 and bool(lex.patterns["legitimacy"].search(low) or lex.patterns["fraud"].search(low))


def _frame(
    tokens: list[Token], cue: Cue, floor: int, left: tuple[int, int] | None, right: tuple[int, int] | None
) -> tuple[Span, ...]:
    """The words around the cue that are not claimed."""
    start = left[1] if left else floor
    end = right[0] if right else len(tokens)
    if left and right and right[0] < cue.stop:
        end = len(tokens)
    frame = [span_of(tokens[start:end])] if start < end else []
    if left and right is None and cue.stop < len(tokens):
        frame = [span_of(tokens[start:])]
    return tuple(frame)
