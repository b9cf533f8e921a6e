"""How much had been counted: "99.72% of ballots", "3,612 of 3,655 precincts", "with 83.85 percent in"."""

from __future__ import annotations

import re
from functools import cache

from tallyscope.claims.claim import Of, Progress, Span
from tallyscope.claims.reading.lexicon import Lexicon, lexicon
from tallyscope.claims.reading.numbers import Amount

__all__ = ["counted_in", "progress_of"]

#: "76 % of the vote after processing ...": what is processed stands behind it.
_PREPOSITIONS = frozenset(["after", "with", "following", "once", "когда", "после", "при", "по", "с"])
#: "with 83.85 percent in": of what is not told.
_IN = {
    "en": re.compile(
        r"\s+(?:already\s+)?(?:(?:counted|reporting|tallied|processed)(?!\w)|in(?!\w|\s+[^\W\d_]*\d|\s+[a-z]))"
    ),
    "ru": re.compile(r"(?!)"),
}
_WITH = re.compile(r"(?<!\w)(?:with|after|at)\s+(?:some\s+|about\s+|nearly\s+)?$")
_COUNT = r"\d{1,3}(?:[,. \u00a0]\d{3}){1,2}(?!\d)|\d{1,7}"


def progress_of(text: str, span: Span, amount: Amount, lex: Lexicon) -> Progress | None:
    """ "After processing 99.72% of ballots", "97.3 per cent of precincts reporting", "обработано 99,75%"."""
    if amount.value is None:
        return None
    after = text[amount.span.end : min(span.end, amount.span.end + 80)].lower()
    before = text[max(span.start, amount.span.start - 60) : amount.span.start].lower()
    of = _of_progress(after, lex)
    if of is None:
        return _of_nothing(amount, before, after, lex)
    written, kind, rest, inside = of
    first = re.match(r"\s*([^\W\d_]+)", rest)
    if first and first[1] in _PREPOSITIONS:
        rest = ""
    rest = re.split(r"[\d,;]", rest, maxsplit=1)[0]
    near = re.findall(r"[^\W\d_]+", rest)[:5] + re.findall(r"[^\W\d_]+", before)[-6:] + inside
    if not set(near) & set(lex.percent["counted"].split()):
        return None
    resolved, reason = _resolved_progress(written, kind)
    return Progress(amount.span, amount.value, amount.decimals, written, resolved, reason, amount.comparator)


def counted_in(text: str, span: Span, lex: Lexicon) -> Progress | None:
    """ "3,612 of 3,655 precincts": the per cent that it is, with decimals enough to tell one unit from the next."""
    low = span.of(text).lower()
    for match in _counted(lex.language).finditer(low):
        done, whole = (int(re.sub(r"\D", "", match[part])) for part in ("done", "whole"))
        near = re.findall(r"[^\W\d_]+", low[max(0, match.start() - 60) : match.end() + 50])
        if not 0 < done <= whole or not set(near) & set(lex.percent["counted_of"].split()):
            continue
        written, decimals = " ".join((match["unit"] or match["named"]).split()), max(2, len(str(whole)) - 2)
        resolved, reason = _resolved_progress(written, lex.percent["progress_of"][written])
        at = Span(span.start + match.start(), span.start + match.end())
        told = f"{done:,} of {whole:,}; {reason}"
        return Progress(at, round(100 * done / whole, decimals), decimals, written, resolved, told)
    return None


@cache
def _counted(language: str) -> re.Pattern[str]:
    percent = lexicon(language).percent
    units = "|".join(
        re.escape(u).replace(r"\ ", r"\s+") for u in sorted(percent["progress_of"], key=len, reverse=True)
    )
    return re.compile(
        rf"(?<![\w.,])(?P<done>{_COUNT})\s(?:out\s+)?(?:of|из)\s(?:the\s|all\s|всех\s)*(?P<whole>{_COUNT})\s+"
        rf"(?:(?P<unit>{units})|[^\W\d_]+\s(?P<named>{units}))(?!\w)"
    )


def _of_nothing(amount: Amount, before: str, after: str, lex: Lexicon) -> Progress | None:
    if not _IN[lex.language].match(after) or not _WITH.search(before):
        return None
    why = "of what is not told; commissions tell progress in protocols"
    return Progress(
        amount.span, float(amount.value or 0), amount.decimals, None, "protocols", why, amount.comparator
    )


def _of_progress(after: str, lex: Lexicon) -> tuple[str, str, str, list[str]] | None:
    """What it is of, as written and its kind; the rest of the passage, and the words skipped."""
    known = lex.percent["progress_of"]
    match = re.match(r"\s*(?:of\s+(?:all\s+)?(?:the\s+)?|от\s+|всех\s+)?((?:[^\W\d_]+[\s-]?){1,4})", after)
    if match is None:
        return None
    words = match[1].replace("-", " ").split()
    for skip in range(0, min(3, len(words))):
        for length in (2, 1):
            phrase = " ".join(words[skip : skip + length])
            if phrase in known:
                return phrase, known[phrase], after[after.find(words[skip]) + len(phrase) :], words[:skip]
    return None


def _resolved_progress(written: str, kind: str) -> tuple[Of, str]:
    if kind == "protocols":
        return "protocols", "as written"
    if kind == "boxes":
        return "protocols", f'every ballot box has one protocol: "{written}" are counted by protocols'
    if kind == "stations":
        return "protocols", f'a station sends one protocol: "{written}" are counted by protocols'
    why = "how many ballots there are is known only when all are counted; commissions tell progress in protocols"
    return "protocols", f'"{written}" as written; {why}'
