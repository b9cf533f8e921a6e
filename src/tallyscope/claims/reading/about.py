"""Which election a passage is about: its words, the years and countries in it, and what went before."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tallyscope.claims.claim import ElectionLink, Evidence, Span
from tallyscope.claims.reading.figures import Choices
from tallyscope.claims.reading.lexicon import Lexicon
from tallyscope.claims.reading.linking import Named, held_in
from tallyscope.claims.reading.placed import Placed
from tallyscope.claims.registry.entities import entities
from tallyscope.election.contests import Contest

__all__ = ["About", "election_of"]

_YEAR = re.compile(r"(?<![\d.,\-/:])((?:19|20)\d{2})(?![\d.,%/:\-]\d|%)")
_OURS = {
    "en": re.compile(
        r"^we have (?:it |got )?(?:all|everything|it|this|much|no such|a|an|our)\b"
        r"|\b(?:in|of) our (?:own )?country\b|\bback home\b"
        r"|\bour (?:\w+ )?(?:system|elections?|commissions?|votes?|voting)\b"
    ),
    "ru": re.compile(
        r"(?:^|[ ,])у нас\b|\bв нашей стране\b|\bнаш\w{1,4} (?:\w+ )?(?:систем|выбор|комисси|голосован)"
    ),
}


@dataclass(frozen=True)
class About:
    """What is known when a passage is read: the text's election, whether its section is about it, who speaks."""

    text: str
    lex: Lexicon
    named: Placed[Named]
    contest: Contest | None
    link: ElectionLink
    choices: Choices
    electoral: bool = True
    speaker_country: str | None = None
    verb: str = ""
    headline: str = ""
    #: The election that the passage before was linked to, where this one may continue it.
    inherited: ElectionLink | None = None
    #: It is not to be cut by subject: a post.
    whole: bool = False


def election_of(
    spans: tuple[Span, ...], words: str, about: About, spoken: bool, off: bool
) -> tuple[ElectionLink, bool]:
    """The election that a passage is about, and whether it names a country of its own."""
    contest = about.contest
    if contest is None:
        return ElectionLink(None, (Evidence("the text is about no election of the registry"),)), False
    if (other := _elsewhere(words, about.lex, contest)) is not None:
        return ElectionLink(None, (Evidence(other),), (), contest.id, contest.country), False
    country, own, why = _country(spans, words, about)
    if country not in (None, contest.country):
        return ElectionLink(None, (Evidence(why),), (), contest.id, country), own
    if not spoken and (off or not about.electoral):
        told = "no word of elections in it" + (
            ", and its section is about something else" if not about.electoral else ""
        )
        return ElectionLink(None, (Evidence(told),), (), contest.id), own
    years = _years(words)
    if years and contest.voting_days[-1].year not in years:
        earlier = next((held for y in years if (held := held_in(y, contest)) is not None), None)
        if earlier is not None:
            because = Evidence(f"the year {earlier.voting_days[-1].year} is in it")
            return ElectionLink(earlier.id, (because,), (), contest.id, contest.country), own
    reason = "words of the election in it" if spoken else "its section is about the election"
    return replace(about.link, evidence=(Evidence(reason), *about.link.evidence), country=contest.country), own


def _elsewhere(words: str, lex: Lexicon, contest: Contest) -> str | None:
    """What a passage of another level speaks of: a city's assembly, the whole country in a region's text."""
    low = words.lower()
    said = next((word for word in lex.offices["local"] if word in low), None)
    own = any(word in low for word in lex.offices[contest.office]) if contest.office in lex.offices else False
    if said is not None and lex.patterns["held_for"].search(low[: low.index(said)]) and not own:
        return f'it speaks of another election ("{said}")'
    if contest.regional and lex.patterns["whole"].search(low):
        return "it speaks of the whole country, the text of one region"
    return None


def _years(words: str) -> list[int]:
    """Years that a passage is about: "in 2012", at its beginning or with its only figure; none it compares with."""
    found = []
    for match in _YEAR.finditer(words):
        before = words[: match.start()].lower().split()
        told = (
            before[-1:] in (["in"], ["в"], ["of"], ["на"])
            or "выбор" in words[max(0, match.start() - 12) : match.start()].lower()
        )
        compared = set(before[-4:]) & {"than", "from", "since", "чем", "против", "с", "against"}
        near = match.start() <= 25 or len(re.findall(r"\d(?:[.,]\d+)?\s?(?:%|per\s?cent|проц)", words)) <= 1
        if told and near and not compared:
            found.append(int(match[1]))
    return found


def _country(spans: tuple[Span, ...], words: str, about: About) -> tuple[str | None, bool, str]:
    """Of which country a passage speaks: one that it names, "we have" of the speaker's own, or as before."""
    assert about.contest is not None
    low = words.lower().strip(' "“«')
    compared = [m.end() for m in about.lex.patterns["compared"].finditer(words.lower())]
    offset = spans[0].start
    here: list[str] = []
    placed = False
    for name in (n for span in spans for n in about.named.within(span)):
        if entities()[name.ids[0]].kind != "country":
            continue
        at = name.span.start - offset
        if any(0 <= at - c <= 5 for c in compared):
            continue
        here.append(name.ids[0])
        before = about.text[max(0, name.span.start - 4) : name.span.start].lower().split()
        placed = placed or bool(before and before[-1] in ("in", "в", "во", "у") and at <= 8)
        placed = placed or (
            name.adjective
            and bool(
                about.lex.patterns["vocabulary"].match(
                    about.text[name.span.end : name.span.end + 20].lower().strip()
                )
            )
        )
    if about.contest.country in here:
        return about.contest.country, True, "named"
    if here and placed:
        return here[0], True, f"it speaks of {entities()[here[0]].name}"
    if _OURS[about.lex.language].search(low) and about.speaker_country:
        return about.speaker_country, True, f'"we", said by somebody of {entities()[about.speaker_country].name}'
    if about.inherited is not None and about.inherited.country and not here:
        return about.inherited.country, False, "as in the sentence before"
    return None, False, ""
