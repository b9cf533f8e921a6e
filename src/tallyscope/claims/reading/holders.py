"""Choices that a text names by what they are: "for the president", "the ruling party", "the winner"."""

from __future__ import annotations

from tallyscope.claims.claim import Span
from tallyscope.claims.reading.lexicon import LANGUAGES, lexicon
from tallyscope.claims.reading.mentions import Mention
from tallyscope.claims.registry.entities import entities
from tallyscope.election.contests import Contest
from tallyscope.election.load import load_election

__all__ = ["holders_in"]


def holders_in(text: str, contest: Contest) -> list[Mention]:
    """Who held the office on the first voting day and stands again; the party of its head; who had most votes."""
    low = text.lower()
    held = (("president", _incumbent(contest)), ("party", _in_power(contest)), ("winner", _first(contest)))
    # "for the president": the preposition is not the name's.
    return [
        Mention(Span(match.end() - len(match[0].split()[-1]), match.end()), choice)
        for what, choice in held
        if choice is not None
        for language in LANGUAGES
        for match in lexicon(language).holders[what].finditer(low)
    ]


def _incumbent(contest: Contest) -> str | None:
    if contest.office != "president":
        return None
    held = (c.id for c in contest.choices if "president" in _offices(contest, f"{contest.country.lower()}-{c.id}"))
    return next(held, None)


def _in_power(contest: Contest) -> str | None:
    if not contest.lists or contest.office == "referendum":
        return None
    parties = {f"{contest.country.lower()}-{c.id}": c.id for c in contest.choices}
    for entity in entities().values():
        if entity.is_person and _offices(contest, entity.id):
            own = [parties[of] for of in entity.speaks_for if of in parties]
            if own:
                return own[0]
    return None


def _offices(contest: Contest, id: str) -> list[str]:
    entity = entities().get(id)
    day = contest.voting_days[0]
    return [
        t.office
        for t in (entity.terms if entity else ())
        if t.body == contest.country and t.office in ("president", "prime minister") and t.holds(day)
    ]


def _first(contest: Contest) -> str | None:
    official = load_election(contest.id).official if contest.held else None
    if official is None or not official.votes or contest.office == "referendum":
        return None
    return max(official.votes, key=lambda c: official.votes[c])
