"""Votes by turnout."""

from __future__ import annotations

from tallyscope.forensics.method import Method

__all__ = ["METHODS"]

METHODS: tuple[Method, ...] = (
    Method(
        id="anomalous-votes",
        mechanisms=(
            "ballot stuffing",
            "extreme stuffing",
            "carousel",
            "absentee voting under control",
            "rewritten protocol",
        ),
        question="How many votes has the leader beyond a constant ratio to all others, as turnout rises?",
        source="Shpilkin (2009-2024): votes by turnout; the recipe as in Kobak, Shpilkin & Pshenichnikov, "
        "Significance 13 (2016) and 15 (2018), with an interval that carries the choice of the core",
        conditions=(
            "voters on the list, ballots cast and the leader's votes, station by station",
            "at least 300 stations of more than 100 voters, 20 of them in the core",
            "the others' ballots form one hump, of which the core is the top: two Gaussians fit, the lower one is "
            "at most 15 points wide, at most 70 % of the others' ballots lie below the core, the leader's ratio "
            "below it is within 20 % of that in it, and the core stays within 5 points in three quarters of the "
            "draws when regions are drawn anew",
        ),
        function="tallyscope.forensics.anomalous_votes:anomalous_votes",
    ),
)
