"""Protocols as a clerk finds them on paper: RU-PRES-2018, every relation kept and nothing remarkable."""

from __future__ import annotations

from tallyscope.election.load import load_election
from tallyscope.ledger.schema import figure_columns

__all__ = ["CLEAN", "ELECTION", "with_error", "with_warning"]

ELECTION = load_election("RU-PRES-2018")
COLUMNS = figure_columns(ELECTION)
#: Typed text of every line.
CLEAN: dict[str, str] = dict.fromkeys(COLUMNS, "0") | {
    "registered": "900",
    "ballots_received": "800",
    "issued_in_station": "500",
    "issued_outside": "17",
    "cancelled": "283",
    "portable": "17",
    "stationary": "500",
    "invalid": "5",
    "valid": "512",
    "votes_grudinin": "100",
    "votes_putin": "412",
}


def with_error(**changed: str) -> dict[str, str]:
    """Two digits of a vote swapped: 10 = 13 + ... fails by 9."""
    return CLEAN | {"votes_putin": "421"} | changed


def with_warning(**changed: str) -> dict[str, str]:
    """A ballot lost, and the ballots received with it: W109 alone speaks."""
    return CLEAN | {"ballots_lost": "1", "ballots_received": "801"} | changed
