"""Which election an article is about: candidates, country, office, year, days and figures weighed together.

A mention counts more the fewer elections of a country have that candidate. The page's stamps only add to an
election whose days they are near: a stamp that fits none says nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from tallyscope.claims.claim import ElectionLink, Evidence, Rejected, Span
from tallyscope.claims.reading.dates import Written
from tallyscope.claims.reading.holders import holders_in
from tallyscope.claims.reading.lexicon import LANGUAGES, Lexicon, lexicon
from tallyscope.claims.reading.mentions import Mention
from tallyscope.claims.registry.entities import entities
from tallyscope.election.contests import Contest, contests
from tallyscope.election.load import load_election

__all__ = ["Named", "choices_in", "countries_in", "held_in", "rank"]

#: An article is about an election whose weight is at least this.
_ENOUGH = 2.5
#: What a text that speaks of mayors and city councils more than of the country's offices loses.
_LOCAL = 3.0
#: Two that are nearer than this in weight cannot be told apart.
_APART = 0.05
_NEAR_BEFORE, _NEAR_AFTER = 40, 30


@dataclass(frozen=True)
class Named:
    """A name of the registry in the text. `adjective`: "Russian"."""

    span: Span
    ids: tuple[str, ...]
    adjective: bool


@dataclass(frozen=True)
class Weighed:
    """A contest with its weight and what speaks for it, and against."""

    contest: Contest
    weight: float
    evidence: tuple[Evidence, ...]
    against: tuple[str, ...]


def countries_in(named: Sequence[Named]) -> Counter[str]:
    """How often each country is named, by noun, adjective, or one of its own bodies."""
    found: Counter[str] = Counter()
    known = entities()
    for name in named:
        countries = {known[id].country for id in name.ids if known[id].kind in ("country", "commission")}
        if len(countries) == 1 and (country := countries.pop()):
            found[country] += 1
    return found


def choices_in(text: str, named: Sequence[Named], contest: Contest) -> list[Mention]:
    """Where the text names the contest's candidates, parties or answers."""
    own = {f"{contest.country.lower()}-{choice.id}": choice.id for choice in contest.choices}
    found = [Mention(n.span, own[id]) for n in named for id in n.ids if id in own]
    if contest.office == "referendum":
        found += _answers(text, contest)
    taken = [m.span for m in found]
    found += [m for m in holders_in(text, contest) if not any(s.start < m.span.end <= s.end for s in taken)]
    return sorted(found, key=lambda m: m.span)


def _answers(text: str, contest: Contest) -> list[Mention]:
    """ "Yes" in marks, or before "vote", "side", "camp"."""
    found = []
    for choice in contest.choices:
        names = {n.strip("'") for n in (choice.name, *choice.names) if "_" not in n and " " not in n}
        for name in names:
            said = re.escape(name)
            pattern = rf"[\"“«'‘](?i:{said})[\"”»'’,]|(?<!\w){said}(?=\s+(?:votes?|side|camp|campaign)\b)"
            found += [Mention(Span(m.start(), m.end()), choice.id) for m in re.finditer(pattern, text)]
    return found


def rank(text: str, named: Sequence[Named], dates: Sequence[Written], lex: Lexicon) -> list[Weighed]:
    """Contests with any weight, heaviest first."""
    countries, low = countries_in(named), text.lower()
    if not any(lexicon(language).patterns["vocabulary"].search(low) for language in LANGUAGES):
        return []
    years = Counter(int(y) for y in re.findall(r"(?<![\d.,])(?:19|20)\d{2}(?![\d.,%]\d|%)", text))
    ids = {id for n in named for id in n.ids}
    found = [_weigh(c, low, text, ids, countries, years, dates, lex) for c in contests()]
    return sorted((w for w in found if w.weight > 0), key=lambda w: -w.weight)


@cache
def _rarity() -> dict[tuple[str, str], int]:
    counts: Counter[tuple[str, str]] = Counter()
    for contest in contests():
        counts.update((contest.country, choice.id) for choice in contest.choices)
    return dict(counts)


def _weigh(
    contest: Contest,
    low: str,
    text: str,
    ids: set[str],
    countries: Counter[str],
    years: Counter[int],
    dates: Sequence[Written],
    lex: Lexicon,
) -> Weighed:
    weight = 0.0
    evidence: list[Evidence] = []
    against: list[str] = []
    prefix = contest.country.lower()
    present = [c for c in contest.choices if f"{prefix}-{c.id}" in ids and not _heads(f"{prefix}-{c.id}")]
    if contest.office == "referendum" and countries[contest.country]:
        present = [c for c in contest.choices if any(m.choice == c.id for m in _answers(text, contest))]
    if not present and not countries[contest.country]:
        return Weighed(contest, 0.0, (), ())
    if present:
        weight += sum(0.4 + 1.2 / _rarity()[contest.country, c.id] for c in present)
        evidence.append(Evidence(f"choices named: {', '.join(c.name for c in present)}"))
    if countries[contest.country]:
        most = max(countries.values())
        weight += 1.0 * countries[contest.country] / most
        evidence.append(Evidence(f"{contest.country} is named {countries[contest.country]} times"))
    weight += _office(contest, low, lex, evidence, against)
    weight += _when(contest, years, dates, evidence, against)
    weight += _officials(contest, ids, evidence, against)
    weight += _figures_fit(contest, low, present, evidence)
    strangers = _strangers(contest, ids)
    if strangers:
        weight -= 0.5 * len(strangers)
        against.append(f"{', '.join(strangers)} did not stand")
    if contest.regional:
        local = any(word in low for word in ("петербург", "petersburg"))
        weight += 1.0 if local else -4.0
        if not local:
            against.append("it is of one region, which is not named")
    return Weighed(contest, weight, tuple(evidence), tuple(against))


def _office(contest: Contest, low: str, lex: Lexicon, evidence: list[Evidence], against: list[str]) -> float:
    said = {office: sum(low.count(word) for word in words) for office, words in lex.offices.items()}
    local = said.pop("local")
    if local > max(said.values()) and not contest.regional:
        against.append("it speaks of a local election")
        return -_LOCAL
    # "President Putin" speaks of an office-holder as often as of an election.
    others = max((n for office, n in said.items() if office != contest.office), default=0)
    if said[contest.office]:
        evidence.append(Evidence(f"speaks of a {contest.office}"))
        return 0.8 if said[contest.office] >= others or contest.office != "president" else 0.3
    if others:
        against.append(f"nothing in the text speaks of a {contest.office}")
        return -0.5
    return 0.0


def _heads(id: str) -> bool:
    """True for somebody who has headed a commission: named as that, whatever else they once stood for."""
    entity = entities().get(id)
    return entity is not None and any(term.office == "head" for term in entity.terms)


def _officials(contest: Contest, ids: set[str], evidence: list[Evidence], against: list[str]) -> float:
    """Heads of the country's commission who are named: were they in office?"""
    weight = 0.0
    for id in sorted(ids):
        entity = entities()[id]
        if _heads(id) and entity.country == contest.country:
            if any(t.office == "head" and t.holds(contest.voting_days[-1]) for t in entity.terms):
                weight += 0.8
                evidence.append(Evidence(f"{entity.name} was in office"))
            else:
                weight -= 0.8
                against.append(f"{entity.name} was not in office")
    return weight


def _when(
    contest: Contest, years: Counter[int], dates: Sequence[Written], evidence: list[Evidence], against: list[str]
) -> float:
    first, last = contest.voting_days[0], contest.voting_days[-1]
    near = [w for w in dates if _near(w, first, last)]
    weight = 0.0
    if near:
        whole = [w for w in near if w.year]
        weight += 2.5 if whole else 1.2
        best = (whole or near)[0]
        span = best.span if len(best.span) else None
        evidence.append(Evidence(f"a date near the voting on {last.isoformat()}", span))
    elif years[last.year]:
        weight += 1.2
        evidence.append(Evidence(f"the year {last.year} is written"))
    elif years:
        against.append(f"the year {last.year} is not written")
    return weight


def _near(written: Written, first: date, last: date) -> bool:
    day = written.on(last.year)
    if day is None:
        return False
    before, after = (_NEAR_BEFORE, _NEAR_AFTER) if written.year else (3, 10)
    return -before <= (day - first).days and (day - last).days <= after


def _figures_fit(contest: Contest, low: str, present: Sequence[object], evidence: list[Evidence]) -> float:
    """Shares in the text that a choice had, within half a point."""
    if not contest.held or not present:
        return 0.0
    written = {float(n.replace(",", ".")) for n in re.findall(r"(?<![\d.,])\d{1,2}[.,]\d{1,2}(?![\d.,])", low)}
    fitting = [s for s in _official_shares(contest.id) if any(abs(w - s) <= 0.5 for w in written)]
    if fitting:
        evidence.append(Evidence(f"shares near the official ones: {', '.join(f'{s:.2f}' for s in fitting[:4])}"))
    return min(1.5, 0.4 * len(fitting))


@cache
def _official_shares(id: str) -> tuple[float, ...]:
    election = load_election(id)
    official = election.official
    if official is None or not official.votes:
        return ()
    if official.shares:
        return tuple(float(s) for s in official.shares.values())
    lines = official.lines
    base = lines.get("cast") if election.form.denominator == "cast" else lines.get("valid")
    base = base or sum(official.votes.values()) + lines.get("invalid", 0) * (election.form.denominator == "cast")
    return tuple(100 * n / base for n in official.votes.values() if base and n / base > 0.02)


def _strangers(contest: Contest, ids: set[str]) -> list[str]:
    """Named candidates of the country's other elections of this office who did not stand here."""
    own = {c.id for c in contest.choices}
    known = entities()
    found: dict[str, str] = {}
    for other in contests():
        if other.country == contest.country and other.office == contest.office and other.id != contest.id:
            for choice in other.choices:
                id = f"{contest.country.lower()}-{choice.id}"
                if choice.id not in own and id in ids and not known[id].speaks_for:
                    found[choice.id] = choice.name
    return sorted(found.values())


def held_in(year: int, contest: Contest) -> Contest | None:
    """The election of that year in the same country to the same office."""
    for other in contests():
        same = other.country == contest.country and other.office == contest.office
        if same and other.voting_days[-1].year == year and not other.regional:
            return other
    return None


def link_of(ranked: Sequence[Weighed]) -> tuple[Contest | None, ElectionLink]:
    """The heaviest contest if it is heavy enough and no other is as heavy, with those that were rejected."""
    if len(ranked) > 1 and ranked[0].weight >= _ENOUGH and ranked[0].weight - ranked[1].weight < _APART:
        rejected = tuple(Rejected(w.contest.id, "as much speaks for another") for w in ranked[:4])
        why = "it cannot be told which: several elections fit what is named, and nothing dates the text"
        return None, ElectionLink(None, (Evidence(why),), rejected)
    if not ranked or ranked[0].weight < _ENOUGH:
        rejected = tuple(
            Rejected(w.contest.id, "; ".join(w.against) or "too little speaks for it") for w in ranked[:3]
        )
        why = "no election of the registry has enough of its candidates, its country and its days in the text"
        return None, ElectionLink(None, (Evidence(why),), rejected)
    best = ranked[0]
    rejected = tuple(
        Rejected(w.contest.id, "; ".join(w.against) or f"less speaks for it ({w.weight:.1f} of {best.weight:.1f})")
        for w in ranked[1:6]
    )
    return best.contest, ElectionLink(best.contest.id, best.evidence, rejected, country=best.contest.country)
