"""The roles a line of a protocol can play: the words that the columns of Returns are named with.

Choices are not roles: a choice's votes stand in the column `votes_<choice id>`. Levels of the tree (region,
territory ...) are columns of their own name.
"""

from __future__ import annotations

__all__ = ["BEFORE_PROTOCOL", "DERIVED", "ROLES", "VOTES", "is_role", "role_title", "votes_column"]

#: Prefix of a choice's column in Returns.
VOTES = "votes_"

#: Role -> what a reader should call it, in English. Units: voters, ballots or certificates, always counts.
ROLES: dict[str, str] = {
    "registered": "voters on the list",
    "registered_before": "voters on the list before voting began",
    "added": "voters added to the list on voting day",
    "attached": "voters of other places who asked to vote here",
    "detached": "voters of this list who asked to vote elsewhere",
    "voted": "voters who took part, by their signatures",
    "voted_men": "men who took part",
    "voted_women": "women who took part",
    "registered_men": "men on the list",
    "registered_women": "women on the list",
    "ballots_received": "ballots received by the station",
    "issued": "ballots issued to voters",
    "issued_early": "ballots issued before voting day",
    "issued_in_station": "ballots issued in the station on the day",
    "issued_outside": "ballots issued outside the station",
    "cancelled": "ballots cancelled",
    "unused": "ballots unused",
    "damaged": "ballots damaged",
    "portable": "ballots in portable boxes",
    "stationary": "ballots in stationary boxes",
    "cast": "ballots found in the boxes",
    "valid": "valid ballots",
    "valid_undisputed": "valid ballots accepted without dispute",
    "valid_disputed": "valid ballots accepted after dispute",
    "invalid": "invalid ballots",
    "blank": "blank ballots",
    "for_choices": "votes for all the choices together",
    "certificates_received": "absentee certificates received",
    "certificates_issued": "absentee certificates issued at the station",
    "certificates_used": "voters who voted here by absentee certificate",
    "certificates_unused": "absentee certificates unused and cancelled",
    "certificates_issued_above": "absentee certificates issued by the territorial commission",
    "certificates_lost": "absentee certificates lost",
    "ballots_lost": "ballots lost",
    "ballots_unaccounted": "ballots not accounted for on receipt",
    "first_day_15": "voters who had taken part by 15:00 of the first day",
    "first_day_20": "voters who had taken part by 20:00 of the first day",
    "second_day_15": "voters who had taken part by 15:00 of the second day",
    "second_day_20": "voters who had taken part by 20:00 of the second day",
    "voted_by_10": "voters who had taken part by 10:00",
    "voted_by_12": "voters who had taken part by 12:00",
    "voted_by_14": "voters who had taken part by 14:00",
    "voted_by_15": "voters who had taken part by 15:00",
    "voted_by_17": "voters who had taken part by 17:00",
    "voted_by_18": "voters who had taken part by 18:00",
    "voted_by_20": "voters who had taken part by 20:00",
}

#: Known before the protocol is written: a station that has no more than these has no protocol yet.
BEFORE_PROTOCOL = (
    *("registered_before", "attached", "detached"),
    *(role for role in ROLES if role.startswith(("first_day_", "second_day_", "voted_by_"))),
)

#: Roles every Returns carries, computed from other lines where the form does not print them.
DERIVED = ("registered", "issued", "cast", "valid", "invalid")


def is_role(name: str) -> bool:
    """True if `name` is the name of a role."""
    return name in ROLES


def role_title(name: str) -> str:
    """What a person calls a column of Returns: a role's title, or the name itself."""
    return ROLES.get(name, name)


def votes_column(choice: str) -> str:
    """The column of Returns that holds the votes for the choice of this id."""
    return VOTES + choice
