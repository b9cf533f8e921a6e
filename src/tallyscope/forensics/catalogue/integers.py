"""Round percentages."""

from __future__ import annotations

from tallyscope.forensics.method import Method

__all__ = ["METHODS"]

METHODS: tuple[Method, ...] = (
    Method(
        id="integer-percentages",
        mechanisms=("result written in advance", "one percentage for a territory", "protocol made from a target"),
        question="Do more stations report a whole-number turnout or share of the leader than chance explains?",
        source="Kobak, Shpilkin & Pshenichnikov, Integer percentages as electoral falsification fingerprints, "
        "Annals of Applied Statistics 10 (2016) 54-73; exact sums in place of its simulation",
        conditions=(
            "voters on the list, ballots issued (else voters who took part, else ballots cast), the ballots that "
            "shares are reckoned from, and the leader's votes, station by station",
            "at least 300 stations of 100 voters or more, with turnout and share of at most 99 %",
            "at least half of the stations that reported are such stations",
        ),
        function="tallyscope.forensics.integer_percentages:integer_percentages",
    ),
)
