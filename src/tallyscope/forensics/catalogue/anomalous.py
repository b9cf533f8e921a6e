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
        question="How many votes has the leader beyond what honest differences of turnout and share explain?",
        source="Shpilkin (2009-2024): votes by turnout; the recipe as in Kobak, Shpilkin & Pshenichnikov, "
        "Significance 13 (2016) and 15 (2018). Cores of regions, test and interval: Tallyscope (2026), after "
        "Fisher (1936), Laird (1978), Klimek, Yegorov, Hanel & Thurner (2012)",
        conditions=(
            "voters on the list, ballots cast and the leader's votes, station by station",
            "at least 300 stations of more than 100 voters",
            "stations differ in turnout and share, and neither is 0 or 100 % in the median station",
        ),
        function="tallyscope.forensics.anomalous_votes:anomalous_votes",
    ),
)
