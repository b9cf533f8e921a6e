"""Shares, fractions and digits of single protocols."""

from __future__ import annotations

from tallyscope.forensics.method import Method
from tallyscope.simulation.mechanisms.names import REWRITTEN, SHARED_PERCENTAGE, TARGET, WRITTEN

__all__ = ["METHODS"]

METHODS: tuple[Method, ...] = (
    Method(
        id="repeated-shares",
        mechanisms=(SHARED_PERCENTAGE, WRITTEN, TARGET, REWRITTEN),
        question="Do more stations of one place report the same share of the leader, or the same turnout, to a "
        "tenth of a point than chance explains?",
        source="The question is that of the Russian election observers of 2016 (one percentage at a hundred "
        "stations of a region); the exact null within whole points, and the zero test, are this project's",
        conditions=(
            "voters on the list, ballots issued (else voters who took part, else ballots cast), the ballots that "
            "shares are reckoned from, and the leader's votes, station by station",
            "at least 100 stations, and half of those that reported, with turnout and share of at most 99 %",
            "places of so many stations that chance makes at least 20 pairs of them alike",
        ),
        function="tallyscope.forensics.repeated_shares:repeated_shares",
    ),
)
