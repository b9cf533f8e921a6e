"""Per cents in a text: single or as a range, with comparator and decimals as printed, in figures or in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tallyscope.claims.claim import Comparator, Span
from tallyscope.claims.reading.lexicon import Lexicon, lexicon

__all__ = ["Amount", "bare_in", "comparator_of", "number_of", "percents_in", "phrases", "points_in"]

_VALUE = r"\d{1,3}(?:[.,]\d{1,6})?(?![\d])"
_BARE = re.compile(
    r"(?<![\d.,:/\-–+])\d{1,2}[.,]\d{1,3}(?![\d:/\-–%]|[.,]\d|\s*(?:%|per\s?cent|проц|million|billion|млн|млрд|тыс|points?|percentage|пункт|п\.\s?п))"
)


#: Numbers in words below this, without a unit, count something else.
_TENS = 20


@dataclass(frozen=True)
class Amount:
    """`value`, or `minimum` and `maximum`. `number`: the span of the digits and unit without the comparator."""

    span: Span
    value: float | None
    minimum: float | None
    maximum: float | None
    comparator: Comparator
    decimals: int
    bare: bool = False


def phrases(words: list[str]) -> str:
    """A pattern of any of them, the longest first."""
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len, reverse=True))


@cache
def _percent(language: str, of: str = "units") -> re.Pattern[str]:
    """[comparator] [from] VALUE [unit] [joined to VALUE] unit; every part bounded, so that matching is linear.

    `of`: "units" (per cents) or "points".
    """
    percent = lexicon(language).percent
    comparators = phrases([w for ws in percent["comparators"].values() for w in ws])
    units = phrases(percent[of])
    joins = phrases(percent["range_joins"])
    opens = phrases(percent["range_opens"])
    numerals = phrases(list(percent["numerals"]))
    value = rf"{_VALUE}|(?:{numerals})(?:[\s-](?:{numerals}))?(?:\s(?:{phrases(percent['half'])}))?"
    unit = rf"\s?(?:{units})(?!\w)"
    by = r"(?:на\s+)?" if of == "points" else ""
    return re.compile(
        rf"(?:(?<!\w)(?P<comparator>{comparators})\s+(?:the\s+)?{by})?(?:(?<!\w)(?:{opens})\s+)?"
        rf"(?:(?<![\w.,])(?P<low>{value})(?P<low_unit>{unit})?,?\s?(?:{joins})\s?)?"
        rf"(?:(?<![\w.,])|(?<=[-–—]))(?P<high>{value}){unit}"
    )


def _number(text: str, lex: Lexicon) -> tuple[float, int] | None:
    """The value and its decimals."""
    if text[0].isdigit():
        whole = text.replace(",", ".")
        return float(whole), len(whole.partition(".")[2])
    known = lex.percent["numerals"]
    half = any(text.endswith(words) for words in lex.percent["half"])
    parts = [known[w] for w in re.split(r"[\s-]+", text) if w in known]
    return (sum(parts) + 0.5 * half, int(half)) if parts else None


def number_of(text: str, lex: Lexicon) -> float | None:
    """A number in figures or in words; None for other words."""
    found = _number(text, lex)
    return found[0] if found is not None else None


def percents_in(text: str, start: int, end: int, lex: Lexicon) -> list[Amount]:
    """Every per cent of a passage, by place; those that are no figures of anything (a margin of error) left out."""
    low = text[start:end].lower()
    found = list(_written(low, start, lex))
    found += [a for a in _unitless(low, start, lex) if not any(b.span.covers(a.span) for b in found)]
    found += [
        a for a in _inverted(low, start, lex) if not any(b.span.start < a.span.end <= b.span.end for b in found)
    ]
    for match in _worded(lex.language).finditer(low):
        span = Span(start + match.start(), start + match.end())
        words = " ".join(match[0].split())
        if words in lex.percent["over_half"]:
            found = [a for a in found if not span.covers(a.span)]
            found.append(Amount(span, 50.0, None, None, ">", 0))
        elif not any(a.span.start < span.end and span.start < a.span.end for a in found):
            value = float(lex.percent["words"][words])
            found.append(Amount(span, value, None, None, "~", 0 if value.is_integer() else 1))
    return sorted(found, key=lambda a: a.span)


@cache
def _worded(language: str) -> re.Pattern[str]:
    """Shares in words: "two thirds", "more than half", "три четверти"."""
    percent = lexicon(language).percent
    words = phrases([*percent["over_half"], *percent["words"]])
    return re.compile(
        rf"(?<!\w)(?:{words})(?!\w)(?!\s(?:less|more|fewer|higher|lower|меньше|больше|ниже|выше)(?!\w))(?!\s(?:of\sa\s)?(?:century|hour|mile|века|часа|столетия))"
    )


def _written(low: str, start: int, lex: Lexicon) -> Iterator[Amount]:
    for match in _percent(lex.language).finditer(low):
        if _is_no_figure(low, match, lex):
            continue
        high = _number(match["high"], lex)
        lower = _number(match["low"], lex) if match["low"] else None
        if high is None:
            continue
        span = Span(start + match.start(), start + match.end())
        decimals = max(high[1], lower[1] if lower else 0)
        if lower and lower[0] <= high[0] and not _changed(low, match, lex):
            yield Amount(span, None, lower[0], high[0], "range", decimals)
        elif lower and match["low_unit"]:
            # "46.86 percent to 36.73 percent", "rose from 65.3 % to 67.5 %": two figures.
            first = Span(start + match.start("low"), start + match.end("low_unit"))
            yield Amount(first, lower[0], None, None, "=", lower[1])
            yield Amount(Span(start + match.start("high"), span.end), high[0], None, None, "=", high[1])
        else:
            yield Amount(span, high[0], None, None, comparator_of(match["comparator"], lex), decimals)


@cache
def _alone(language: str) -> re.Pattern[str]:
    percent = lexicon(language).percent
    numerals = phrases([n for n, value in percent["numerals"].items() if value >= _TENS])
    ones = phrases(list(percent["numerals"]))
    comparators = phrases([w for ws in percent["comparators"].values() for w in ws])
    return re.compile(
        rf"(?<!\w)(?P<comparator>{comparators})\s(?P<value>(?:{numerals})(?:[\s-](?:{ones}))?)(?=[.,;!?]|$)"
    )


def _unitless(low: str, start: int, lex: Lexicon) -> Iterator[Amount]:
    """ "I expected about seventy.": a number in words behind "about", with nothing behind it, is of per cents."""
    for match in _alone(lex.language).finditer(low):
        value = _number(match["value"], lex)
        if value is not None:
            sign = comparator_of(match["comparator"], lex)
            yield Amount(Span(start + match.start(), start + match.end()), value[0], None, None, sign, value[1])


@cache
def _behind(language: str) -> re.Pattern[str]:
    percent = lexicon(language).percent
    value = rf"(?:{phrases(list(percent['numerals']))})(?:[\s-](?:{phrases(list(percent['numerals']))}))?|{_VALUE}"
    return re.compile(rf"(?<!\w)(?<!\d )(?:{phrases(percent['inverted'])})\s(?P<value>{value})(?!\w|[.,]?\d|\s?%)")


def _inverted(low: str, start: int, lex: Lexicon) -> Iterator[Amount]:
    """ "Процентов шестьдесят пять": a number behind its unit is about so much."""
    if not lex.percent["inverted"]:
        return
    for match in _behind(lex.language).finditer(low):
        before = low[max(0, match.start() - 16) : match.start()].split()[-1:]
        counted = before and (before[0][-1].isdigit() or before[0] in lex.percent["numerals"])
        value = _number(match["value"], lex)
        if value is not None and not counted:
            yield Amount(Span(start + match.start(), start + match.end()), value[0], None, None, "~", value[1])


def _changed(low: str, match: re.Match[str], lex: Lexicon) -> bool:
    """ "Went from 65.3% to 67.5%": each with its unit, behind a verb of change."""
    if not match["low_unit"]:
        return False
    words = re.findall(r"[^\W\d_]+", low[max(0, match.start() - 24) : match.start("low")])
    return bool(set(words) & set(lex.percent["changes"].split()))


def comparator_of(words: str | None, lex: Lexicon) -> Comparator:
    """The sign of "at least"; "=" for none."""
    if words:
        said = " ".join(words.split())
        signs: tuple[Comparator, ...] = (">", ">=", "<", "<=", "~")
        for sign in signs:
            if said in lex.percent["comparators"][sign]:
                return sign
    return "="


def _is_no_figure(low: str, match: re.Match[str], lex: Lexicon) -> bool:
    """A threshold, a margin of error, percentage points."""
    before, after = low[max(0, match.start() - 16) : match.start()], low[match.end() : match.end() + 22]
    if any(after.lstrip(" -").startswith(word) for word in [*lex.percent["points"], *lex.percent["not_figures"]]):
        return True
    return any(before.rstrip().endswith(word) for word in lex.percent["not_figures"])


def bare_in(text: str, start: int, end: int) -> list[Amount]:
    """Decimals without a sign ("has 27.1"), which are shares where the neighbours are."""
    return [
        Amount(
            Span(m.start(), m.end()),
            float(m[0].replace(",", ".")),
            None,
            None,
            "=",
            len(re.split("[.,]", m[0])[1]),
            True,
        )
        for m in _BARE.finditer(text, start, end)
    ]


def points_in(text: str, start: int, end: int, lex: Lexicon) -> list[Amount]:
    """Differences in percentage points, by place; a margin of error is none."""
    low, found = text[start:end].lower(), []
    for match in _percent(lex.language, "points").finditer(low):
        high = _number(match["high"], lex)
        lower = _number(match["low"], lex) if match["low"] else None
        before = low[max(0, match.start() - 16) : match.start()].rstrip()
        if high is None or any(before.endswith(word) for word in lex.percent["not_figures"]):
            continue
        span = Span(start + match.start(), start + match.end())
        decimals = max(high[1], lower[1] if lower else 0)
        if lower and lower[0] <= high[0]:
            found.append(Amount(span, None, lower[0], high[0], "range", decimals))
        else:
            found.append(Amount(span, high[0], None, None, comparator_of(match["comparator"], lex), decimals))
    return found
