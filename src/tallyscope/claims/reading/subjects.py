"""Who says it: the noun phrase before or after a verb of saying.

"The chairman of the council, Jan Petersen, said", "сообщил в понедельник глава ЦИК", "подчеркнули в пресс-службе".
"""

from __future__ import annotations

from collections.abc import Sequence

from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.sentences import Token
from tallyscope.claims.registry.index import named_in

__all__ = ["LONGEST", "is_subject", "opening", "subject_after", "subject_before"]

#: A subject is at most this many words long.
LONGEST = 14
_DASHES = frozenset("-–—")
_NOMINATIVE = frozenset(["он", "она", "оно", "они"])
#: How verbs end after the subject that opens a sentence.
_FINITE = {"en": ("ed", "s"), "ru": ("л", "ла", "ло", "ли", "лся", "лась", "лись", "ет", "ит")}
#: Russian verbs in the plural, of people who are not named.
_PLURAL = ("ли", "ют", "ят", "ат")
#: "An official who asked not to be named said".
_UNNAMED = frozenset(["named", "identified"])


def opening(tokens: Sequence[Token], lex: Lexicon) -> tuple[int, int] | None:
    """Who a sentence begins with, up to its first verb in the past or the present."""
    for end in range(1, min(LONGEST, len(tokens))):
        token = tokens[end]
        if token.kind != "word":
            return None
        verbal = token.low.endswith(_FINITE[lex.language]) and token.text.islower()
        if verbal and token.low not in lex.nouns["person"] | lex.nouns["body"] | lex.grammar["adverbs"]:
            while end > 1 and (tokens[end - 1].low in lex.grammar["adverbs"] | lex.grammar["adjuncts"]):
                end -= 1
            return (0, end) if is_subject(tokens[:end], lex) else None
    return None


def subject_before(tokens: Sequence[Token], at: int, lex: Lexicon, floor: int = 0) -> tuple[int, int] | None:
    """The noun phrase that ends before token `at`; an apposition between commas belongs to it."""
    end = at
    while end > floor and (tokens[end - 1].low in _beside(lex) or _time_before(tokens, end, lex)):
        end -= 1 if tokens[end - 1].low in _beside(lex) else 2
    end = _before_bracket(tokens, end, floor)
    if end <= floor:
        return None
    if tokens[end - 1].text == ",":
        comma = _comma_before(tokens, end - 1, max(floor, end - LONGEST))
        if comma is None:
            return None
        outer = _phrase_start(tokens, comma, lex, floor)
        relative = tokens[comma + 1].low in lex.grammar["subordinators"]
        if outer < comma and is_subject(tokens[outer:comma], lex):
            return (outer, comma if relative else end - 1)
        return (comma + 1, end - 1) if not relative and is_subject(tokens[comma + 1 : end - 1], lex) else None
    start = _phrase_start(tokens, end, lex, floor)
    if start > floor + 1 and tokens[start - 1].text == "," and _named(tokens[start:end]):
        outer = _phrase_start(tokens, start - 1, lex, floor)
        if outer < start - 1 and _role_only(tokens[outer : start - 1], lex):
            start = outer
    return (start, end) if is_subject(tokens[start:end], lex) else None


def _beside(lex: Lexicon) -> frozenset[str]:
    """What may stand between a subject and its verb; in Russian also whom it is told."""
    return lex.grammar["adverbs"] | (lex.grammar["addressees"] if lex.language == "ru" else frozenset())


def _before_bracket(tokens: Sequence[Token], end: int, floor: int) -> int:
    """ "The commission (CEC) said", "Движение (признано иноагентом) заявило": before what stands in brackets."""
    if end - 3 > floor and tokens[end - 1].text == ")":
        opened = next((i for i in range(end - 2, end - 11, -1) if i > floor and tokens[i].text == "("), None)
        return opened if opened is not None else end
    return end


def _time_before(tokens: Sequence[Token], end: int, lex: Lexicon) -> bool:
    return (
        end >= 2
        and tokens[end - 1].low in lex.dates["weekdays"]
        and tokens[end - 2].low in ("on", "в", "во", "late", "early")
    ) or (end >= 2 and (tokens[end - 2].low, tokens[end - 1].low) == ("только", "что"))


def _comma_before(tokens: Sequence[Token], at: int, floor: int) -> int | None:
    for i in range(at - 1, floor - 1, -1):
        if tokens[i].text == ",":
            return i
        if tokens[i].kind == "quote" or tokens[i].text in ";:":
            return None
    return None


def _phrase_start(tokens: Sequence[Token], end: int, lex: Lexicon, floor: int) -> int:
    """How far left a noun phrase may reach from `end`."""
    start = end
    while start > floor and end - start < LONGEST:
        token = tokens[start - 1]
        if (
            token.kind == "quote"
            or token.text in ",;:…"
            or (token.text in _DASHES and not _glued(tokens, start - 1))
        ):
            break
        unnamed = token.low == "who" and any(t.low in _UNNAMED for t in tokens[start:end])
        if not unnamed and (token.low in lex.grammar["subordinators"] or token.low in lex.grammar["boundaries"]):
            break
        if token.text in ".!?" or (token.text == ")" and start == end):
            break
        start -= 1
    return start


def _glued(tokens: Sequence[Token], at: int) -> bool:
    """A dash inside a word: "207-му"."""
    if not 0 < at < len(tokens) - 1:
        return False
    return tokens[at - 1].end == tokens[at].start and tokens[at].end == tokens[at + 1].start


def _named(tokens: Sequence[Token]) -> bool:
    words = [t for t in tokens if t.kind == "word"]
    return bool(words) and all(t.text[0].isupper() for t in words)


def _role_only(tokens: Sequence[Token], lex: Lexicon) -> bool:
    """A role before a name: "the league's coordinator, Anton Vereshchagin"."""
    lows = [t.low for t in tokens if t.kind == "word"]
    heads = lex.nouns["person"] | lex.nouns["body"]
    if not lows or len(lows) > 9 or not any(low.removesuffix("'s") in heads for low in lows):
        return False
    if any(low in lex.grammar["be"] for low in lows):
        return False
    return lows[0] in lex.grammar["articles"] or lows[0] in heads or lows[-1] in heads


def subject_after(tokens: Sequence[Token], at: int, lex: Lexicon) -> tuple[int, int] | None:
    """The noun phrase after an inverted verb: `said Peskov`, "сообщил в понедельник глава ЦИК Владимир Чуров"."""
    start = at
    skipped = 0
    while start < len(tokens) and skipped < 6 and tokens[start].kind == "word":
        low = tokens[start].low
        timed = low in lex.dates["weekdays"] or low in lex.grammar["addressees"] or low in lex.grammar["adverbs"]
        if low in ("в", "во", "on", "to") and start + 1 < len(tokens):
            following = tokens[start + 1].low
            timed = following in lex.dates["weekdays"] or following in lex.grammar["addressees"]
        if not timed:
            break
        start += 1
        skipped += 1
    start = _past_place(tokens, start, lex)
    end = start
    while end < len(tokens) and end - start < LONGEST:
        token = tokens[end]
        if token.kind == "quote" or token.text in ",;:.!?…" or token.text in _DASHES:
            break
        if token.low in lex.grammar["subordinators"] or token.low in lex.grammar["boundaries"]:
            break
        inner = token.low in ("от", "из", "по")  # "депутат от партии"
        if end > start and ((token.low in lex.grammar["adjuncts"] and not inner) or _is_verb(token, lex)):
            break
        end += 1
    inside = lex.language == "ru" and at and tokens[at - 1].low.endswith(_PLURAL) and tokens[start : start + 1]
    if inside and tokens[start].low in ("в", "во"):
        return _inside(tokens, start, lex)
    if end > start and tokens[start].low not in lex.grammar["adjuncts"] and is_subject(tokens[start:end], lex):
        return start, end
    return None


def _inside(tokens: Sequence[Token], at: int, lex: Lexicon) -> tuple[int, int] | None:
    """ "подчеркнули в пресс-службе комиссии": people in a body speak for it."""
    end = at + 1
    while (
        end < len(tokens) and end - at < LONGEST and tokens[end].kind == "word" and not _is_verb(tokens[end], lex)
    ):
        if tokens[end].low in lex.grammar["adjuncts"] or tokens[end].low in lex.grammar["boundaries"]:
            break
        end += 1
    words = tokens[at + 1 : end]
    bodies = any(t.low in lex.nouns["body"] for t in words) or any(not n.alias.adjective for n in named_in(words))
    return (at + 1, end) if bodies and words[0].low not in lex.dates["weekdays"] else None


def _past_place(tokens: Sequence[Token], start: int, lex: Lexicon) -> int:
    """ "признал в эфире CNN депутат ...": past where it was said, up to a role."""
    if start >= len(tokens) or tokens[start].low not in lex.grammar["adjuncts"]:
        return start
    for i in range(start + 1, min(start + 9, len(tokens))):
        if tokens[i].kind != "word":
            return start
        if tokens[i].low in lex.nouns["person"]:
            return i
    return start


def _is_verb(token: Token, lex: Lexicon) -> bool:
    return any(token.low in forms for name, forms in lex.verbs.items() if name != "joined")


def is_subject(tokens: Sequence[Token], lex: Lexicon) -> bool:
    """True if somebody is named or pointed to: a name, a role, a body, a pronoun of the third person."""
    words = [t for t in tokens if t.kind == "word"]
    if not words:
        return False
    lows = [t.low.removesuffix("'s") for t in words]
    if lows[-1] in lex.grammar["first_person"] or (len(lows) == 1 and lows[0] in lex.grammar["subordinators"]):
        return False
    oblique = lex.language == "ru" and len(lows[-1]) > 2 and lows[-1] not in _NOMINATIVE
    pronouns = ("pronouns_m", "pronouns_f", "pronouns_it", "pronouns_they")
    if any(lows[-1] in lex.grammar[p] for p in pronouns):
        return not oblique
    if any(low in lex.nouns[kind] for low in lows for kind in ("person", "body")):
        return True
    if any(low.rpartition("-")[2] in lex.nouns["person"] for low in lows):
        return True
    names = [t for t in words if t.text[0].isupper() and t.low not in lex.grammar["intros"]]
    names = [t for t in names if t.low not in lex.grammar["articles"] and t.low not in lex.dates["weekdays"]]
    if names and names[-1] is words[-1]:
        return True
    return bool(names) and any(not n.alias.adjective and n.last == len(words) for n in named_in(words))
