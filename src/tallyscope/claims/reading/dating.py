"""When an article was written, and when what it quotes was said.

A stamp may be the page's clock, a dateline may lack its year. So each date is weighed against the election that
the text is about, the days of the week it names, and the offices that those it quotes held; what is left over is
rejected with the reason. Where no stamp stands, the date follows from the voting days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tallyscope.claims.claim import Dating, Evidence, Rejected, Span
from tallyscope.claims.reading.dates import Written, last_weekday, relative_day, weekdays_in, written_dates
from tallyscope.claims.reading.layout import Block
from tallyscope.claims.reading.lexicon import LANGUAGES, Lexicon, lexicon
from tallyscope.claims.registry.entities import entities
from tallyscope.election.contests import Contest

__all__ = ["Stamp", "document_date", "page_dates", "stamps_in", "statement_date"]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: By where a date stands: a dateline is the paper's own, a clock is the page's.
_WEIGHTS = {"dateline": 3.0, "published": 2.0, "post": 3.0, "stamp": 1.5, "text": 1.0, "clock": 0.5, "page": 0.7}


@dataclass(frozen=True)
class Stamp:
    """A date and where it stands: "dateline", "published", "clock", "post", "stamp", "text", "page" (of HTML)."""

    written: Written
    kind: str


@dataclass
class _Candidate:
    day: date
    stamp: Stamp
    weight: float
    evidence: list[Evidence]
    against: list[str]


def stamps_in(text: str, blocks: Sequence[Block]) -> list[Stamp]:
    """Dates of stamps, datelines and posts, and a full date in the first paragraph."""
    found: list[Stamp] = []
    body_seen = 0
    for block in blocks:
        if block.stamp is not None:
            dates = written_dates(text, block.stamp.start, block.stamp.end)
            found += [Stamp(w, "post" if block.label else _kind(text, block.stamp, w)) for w in dates]
        if block.dateline is not None:
            found += [Stamp(w, "dateline") for w in written_dates(text, block.dateline.start, block.dateline.end)]
        if block.kind in ("headline", "subheadline") and not body_seen:
            found += [Stamp(w, "stamp") for w in written_dates(text, block.start, block.end) if w.year]
        if block.kind == "body" and body_seen < 2:
            body_seen += 1
            end = min(block.end, block.start + 300)
            found += [Stamp(w, "text") for w in written_dates(text, block.start, end) if w.year]
    unique: dict[int, Stamp] = {}
    for stamp in found:
        unique.setdefault(stamp.written.span.start, stamp)
    return list(unique.values())


def page_dates(stamps: Sequence[str]) -> list[Stamp]:
    """Dates of an HTML page's head, which stand nowhere in its text."""
    nowhere = Span(0, 0)
    return [Stamp(replace(w, span=nowhere), "page") for s in stamps for w in written_dates(s) if w.year]


def _kind(text: str, line: Span, written: Written) -> str:
    """By the nearest word before it on its line."""
    before = text[line.start : written.span.start].lower()
    best = (-1, "stamp")
    for language in LANGUAGES:
        dates = lexicon(language).dates
        for kind, words in (("clock", dates["page_clock"]), ("published", dates["published"])):
            for word in words:
                best = max(best, (before.rfind(word), kind))
    return best[1] if best[0] >= 0 else "stamp"


def document_date(
    text: str,
    stamps: Sequence[Stamp],
    frames: Sequence[Span],
    contest: Contest | None,
    speakers: Sequence[str],
    lex: Lexicon,
    others: Sequence[Span] = (),
) -> Dating:
    """`frames`: words of saying, where days of the week are told; `others`: sentences that attribute nothing, asked
    where those tell none; `speakers`: ids of those who are quoted."""
    days = [found for frame in frames for found in weekdays_in(text, frame, lex)]
    days = days or [found for sentence in others for found in weekdays_in(text, sentence, lex)]
    fresh = contest is not None and any(word in text.lower() for word in lex.dates["fresh"])
    candidates = [c for s in stamps if (c := _weigh(s, days, contest, fresh, speakers)) is not None]
    candidates.sort(key=lambda c: (-c.weight, -c.day.toordinal()))
    rejected = [_rejection(c) for c in candidates]
    if candidates and candidates[0].weight > 0:
        best = candidates[0]
        left = tuple(r for c, r in zip(candidates, rejected, strict=True) if c.day != best.day)
        derived = best.stamp.written.year is None
        return Dating(best.day, tuple(best.evidence), left, derived)
    return _inferred(contest, days, fresh, tuple(rejected))


def _rejection(candidate: _Candidate) -> Rejected:
    why = "; ".join(candidate.against) or "another date has more that speaks for it"
    if candidate.stamp.kind == "clock":
        why = f"the clock of the page, not of the text; {why}"
    span = candidate.stamp.written.span if candidate.stamp.kind != "page" else None
    return Rejected(candidate.day.isoformat(), why, span)


def _weigh(
    stamp: Stamp,
    days: Sequence[tuple[int, Span]],
    contest: Contest | None,
    fresh: bool,
    speakers: Sequence[str],
) -> _Candidate | None:
    written = stamp.written
    if written.year is None and contest is None:
        return None
    day = written.on(contest.voting_days[-1].year if contest else 0)
    if day is None:
        return None
    where = {
        "page": "the head of the page",
        "dateline": "the dateline",
        "published": "the date of publication",
        "clock": "a stamp of the page",
    }
    found = _Candidate(day, stamp, _WEIGHTS[stamp.kind], [], [])
    found.evidence.append(
        Evidence(f"{where.get(stamp.kind, 'a date in the text')}: {day.isoformat()}", written.span)
    )
    if written.year is None and contest is not None:
        found.evidence.append(Evidence(f"the year is that of {contest.id}, which the text is about"))
    _against_voting(found, contest, fresh)
    _against_weekdays(found, days)
    _against_offices(found, speakers)
    return found


def _against_voting(found: _Candidate, contest: Contest | None, fresh: bool) -> None:
    if contest is None:
        return
    after = (found.day - contest.voting_days[-1]).days
    before = (contest.voting_days[0] - found.day).days
    if after <= 60 and before <= 60:
        found.weight += 2.0
        found.evidence.append(Evidence(f"near the voting of {contest.id} ({contest.voting_days[-1].isoformat()})"))
    elif fresh and (after > 60 or before > 60):
        found.weight -= 3.0
        told = f"the text tells of the counting of {contest.id}"
        found.against.append(f"{told}, {contest.voting_days[-1].isoformat()}, {abs(after):,} days away")


def _against_weekdays(found: _Candidate, days: Sequence[tuple[int, Span]]) -> None:
    if not days:
        return
    name = _DAYS[found.day.weekday()]
    same = [span for weekday, span in days if weekday == found.day.weekday()]
    if same:
        found.weight += 1.0
        found.evidence.append(Evidence(f"{found.day.isoformat()} is a {name}, as the text says", same[0]))
    else:
        found.weight -= 0.5
        told = ", ".join(sorted({_DAYS[weekday] for weekday, _ in days}))
        found.against.append(f"{found.day.isoformat()} is a {name}, the text says {told}")


def _against_offices(found: _Candidate, speakers: Sequence[str]) -> None:
    known = entities()
    for id in dict.fromkeys(speakers):
        entity = known.get(id)
        heads = [t for t in entity.terms if t.office == "head"] if entity else []
        if entity and heads and not any(t.holds(found.day) for t in heads):
            found.weight -= 1.5
            until = heads[-1].until.isoformat() if heads[-1].until else "now"
            found.against.append(f"{entity.name} held the office from {heads[0].start.isoformat()} until {until}")


def _inferred(
    contest: Contest | None, days: Sequence[tuple[int, Span]], fresh: bool, rejected: tuple[Rejected, ...]
) -> Dating:
    """From the voting days: the first such weekday from the last of them on; the day after, where none is told."""
    if contest is None or not (fresh or days):
        return Dating(None, (Evidence("nothing in the text dates it"),), rejected)
    last = contest.voting_days[-1]
    voted = Evidence(f"{contest.id}: voting ended on {last.isoformat()}, a {_DAYS[last.weekday()]}")
    if days and (fresh or days):
        first = min(days, key=lambda d: (d[0] - last.weekday()) % 7 or 7)
        day = last + timedelta(days=(first[0] - last.weekday()) % 7)
        told = Evidence(
            f"the text says {_DAYS[first[0]]}: {day.isoformat()} is the first after the voting", first[1]
        )
        return Dating(day, (voted, told), rejected)
    counted = Evidence("the count is still going on: the day after")
    return Dating(last + timedelta(days=1), (voted, counted), rejected)


def statement_date(
    text: str, frames: Sequence[Span], base: Dating, contest: Contest | None, lex: Lexicon
) -> Dating | None:
    """From the words of saying, relative to the article's date; None where they tell no day."""
    for span in frames:
        voting = _before_vote(text, span, contest, lex)
        if voting is not None:
            return voting
        for written in written_dates(text, span.start, span.end):
            day = written.on(base.value.year if base.value else 0)
            if day is not None and (written.year or base.value):
                return Dating(day, (Evidence("as written", written.span),), derived=False)
        if base.value is None:
            continue
        relative = relative_day(text, span, base.value, lex)
        if relative is not None:
            said = Evidence(f'"{relative[1].of(text)}", relative to {base.value.isoformat()}', relative[1])
            return Dating(relative[0], (said,))
        days = weekdays_in(text, span, lex)
        if days:
            day = last_weekday(base.value, days[-1][0])
            said = Evidence(f'"{days[-1][1].of(text)}": the last up to {base.value.isoformat()}', days[-1][1])
            return Dating(day, (said,))
    return None


def _before_vote(text: str, span: Span, contest: Contest | None, lex: Lexicon) -> Dating | None:
    if contest is None:
        return None
    low = span.of(text).lower()
    for phrase, days in lex.dates["before_vote"].items():
        at = low.find(phrase)
        if at >= 0:
            day = contest.voting_days[0] - timedelta(days=days)
            said = Evidence(f'"{phrase}", {contest.id} was voted from {contest.voting_days[0].isoformat()}')
            return Dating(day, (said,))
    return None
