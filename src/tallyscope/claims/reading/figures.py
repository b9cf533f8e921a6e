"""The figures that carry a claim: which number is whose share, of what, and how much had been counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tallyscope.claims.claim import Figure, Metric, Of, Progress, Span, Type
from tallyscope.claims.reading.counts import counts_in, figure_of, leads_in
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.mentions import Mention
from tallyscope.claims.reading.numbers import Amount, bare_in, percents_in
from tallyscope.claims.reading.placed import Placed
from tallyscope.claims.reading.progress import counted_in, progress_of

__all__ = ["Choices", "Measures", "measures_in"]


@dataclass(frozen=True)
class Choices:
    """`mentions` in the whole text, by place; `denominator`: what the election's law takes shares of."""

    mentions: Placed[Mention] = field(default_factory=lambda: Placed(()))
    denominator: Of | None = None
    #: What stands before is another's words: the post before.
    floor: int = 0


@dataclass(frozen=True)
class Measures:
    """What the numbers of a passage are."""

    figures: tuple[Figure, ...] = ()
    progress: Progress | None = None


def measures_in(text: str, spans: Sequence[Span], lex: Lexicon, choices: Choices) -> Measures:
    """Of the passage that `spans` are; a share's owner is looked for in its clause, then before the passage."""
    figures: list[Figure] = []
    progress: Progress | None = None
    for span in spans:
        progress = progress or counted_in(text, span, lex)
        amounts = percents_in(text, span.start, span.end, lex)
        kept = []
        floor = span.start
        for amount in _without_parts(amounts):
            counted = progress_of(text, Span(floor, span.end), amount, lex) if progress is None else None
            floor = amount.span.end
            if counted is not None:
                progress = counted
            else:
                kept.append(amount)
        named = choices.mentions.within(span)
        counts = counts_in(text, span, named, lex)
        if named:
            taken = [*(a.span for a in amounts), *(f.span for f in counts)]
            kept += [
                a
                for a in bare_in(text, span.start, span.end)
                if not _overlaps(a.span, taken) and _owned(text, a, named)
            ]
        kept.sort(key=lambda a: a.span)
        figures += _figures(text, span, kept, named, lex, choices)
        figures += counts
        figures += leads_in(text, span, named, lex)
    return Measures(tuple(sorted(figures, key=lambda f: f.span)), progress)


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(span.start < o.end and o.start < span.end for o in others)


def _without_parts(amounts: Sequence[Amount]) -> list[Amount]:
    """By place, without those that stand inside another."""
    kept: list[Amount] = []
    for amount in sorted(amounts, key=lambda a: (a.span.start, -a.span.end)):
        if not kept or not kept[-1].span.covers(amount.span):
            kept.append(amount)
    return kept


def _owned(text: str, amount: Amount, named: Sequence[Mention]) -> bool:
    """True for a bare decimal right after a choice's name and at most a few words."""
    before = [m for m in named if m.span.end <= amount.span.start]
    return bool(before) and len(text[before[-1].span.end : amount.span.start].split()) <= 4


def _figures(
    text: str, span: Span, amounts: Sequence[Amount], named: Sequence[Mention], lex: Lexicon, choices: Choices
) -> list[Figure]:
    found: list[Figure] = []
    used: set[int] = set()
    for n, amount in enumerate(amounts):
        floor = amounts[n - 1].span.end if n else span.start
        ceiling = amounts[n + 1].span.start if n + 1 < len(amounts) else span.end
        metric = _metric(text, span, amount, floor, lex)
        owner = None
        if metric == "vote_share" and found and found[-1].metric == "turnout":
            own = any(floor <= m.span.start < ceiling for m in named)
            metric = metric if own else "turnout"
        if metric in ("vote_share", "other"):
            free = [m for m in named if m.span.start not in used or m.span.start < floor]
            owner = _owner(text, amount, floor, ceiling, free, lex)
            if owner is None:
                owner = _before(choices, named, amount, span)
        if owner is not None:
            used.add(owner.span.start)
        written, resolved, why = _denominator(text, amount, span, lex, choices, metric)
        found.append(
            replace(
                figure_of(text, amount, metric, "percent", owner),
                of_as_written=written,
                of_resolved=resolved,
                of_reason=why,
            )
        )
    return found


def _metric(text: str, span: Span, amount: Amount, floor: int, lex: Lexicon) -> Metric:
    """Vote shares unless the clause speaks of turnout, invalid ballots, or votes that were added ("other")."""
    clause = text[max(span.start, floor) : amount.span.start].lower()
    after = text[amount.span.end : min(span.end, amount.span.end + 42)].lower()
    named: tuple[tuple[str, Metric], ...] = (
        ("turnout", "turnout"),
        ("invalid", "invalid_share"),
        ("added", "other"),
    )
    for name, metric in named:
        pattern = lex.patterns[name]
        if pattern.search(clause) or (name != "added" and pattern.search(re.split("[,.;\n]", after)[0])):
            return metric
    return "vote_share"


def _owner(
    text: str, amount: Amount, floor: int, ceiling: int, named: Sequence[Mention], lex: Lexicon
) -> Mention | None:
    """The choice named before it since the last figure; else after it, behind "for" or «за»."""
    before = [m for m in named if floor <= m.span.start and m.span.end <= amount.span.start]
    if before:
        return before[-1]
    words = "|".join(map(re.escape, lex.percent["for"]))
    for mention in named:
        if amount.span.end <= mention.span.start < ceiling:
            between = text[amount.span.end : mention.span.start].lower()
            if re.search(r"[;\d]|,\s+(?!за\b|for\b)", between):
                return None
            if len(between) < 40 and re.search(rf"(?<!\w)(?:{words})(?!\w)[^\w]*$", between):
                return mention
            if len(between.split()) <= 4 and floor == amount.span.start:
                return mention
    return None


def _before(choices: Choices, named: Sequence[Mention], amount: Amount, span: Span) -> Mention | None:
    """The last choice that was named in the passage or before it ("I expected him to score 57-59%")."""
    if any(m.span.end <= amount.span.start for m in named):
        return [m for m in named if m.span.end <= amount.span.start][-1]
    nearest = next(choices.mentions.before(span.start), None)
    if nearest is None or nearest.span.start < choices.floor:
        return None
    return nearest if span.start - nearest.span.end < 400 else None


def _denominator(
    text: str, amount: Amount, span: Span, lex: Lexicon, choices: Choices, metric: str
) -> tuple[str | None, Of | None, str]:
    """As written after the figure, and what it means."""
    after = text[amount.span.end : min(span.end, amount.span.end + 60)]
    match = re.match(
        r"\s+(?:of\s+|от\s+(?:числа\s+)?)?((?:the\s+|all\s+|всех\s+)*[^\W\d_]+(?:\s+[^\W\d_]+){0,3})", after
    )
    written = _words_of_votes(match[1], lex) if match else None
    if metric == "turnout":
        return written, "registered", "turnout is a share of registered voters"
    low = (written or "").lower()
    kinds: tuple[Of, ...] = ("valid", "cast", "registered")
    for kind in kinds:
        if any(phrase in low for phrase in lex.percent[kind]):
            return written, kind, "as written"
    if choices.denominator is None:
        return written, "ambiguous", "the law's denominator is not known"
    why = (
        "the law of this election takes shares of ballots cast"
        if choices.denominator == "cast"
        else "the law of this election takes shares of valid votes"
    )
    return written, choices.denominator, why


def _words_of_votes(words: str, lex: Lexicon) -> str | None:
    known = set(lex.percent["vote_words"].split()) | {
        "vote",
        "voters",
        "electorate",
        "голосов",
        "избирателей",
        "участие",
    }
    kept: list[str] = []
    for word in words.split():
        kept.append(word)
        if word.lower() in known:
            return " ".join(kept)
    return None


def expected(figures: Sequence[Figure], type_: Type) -> tuple[Figure, ...]:
    """Shares of a forecast are expected ones."""
    if type_ != "forecast":
        return tuple(figures)
    return tuple(replace(f, metric="expected_vote_share") if f.metric == "vote_share" else f for f in figures)
