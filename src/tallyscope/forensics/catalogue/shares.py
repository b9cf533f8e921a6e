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
    Method(
        id="coarse-fractions",
        mechanisms=(WRITTEN, SHARED_PERCENTAGE, TARGET),
        question="Do more stations report a share of the leader that is a coarse fraction, a multiple of 5 %, than "
        "chance and the arithmetic of small numbers explain?",
        source="Rozenas, Detecting election fraud from irregularities in vote-share distributions, Political "
        "Analysis 25 (2017) 41-56; an exact null within windows in place of its resampled densities",
        conditions=(
            "the ballots that shares are reckoned from, and the leader's votes, station by station",
            "at least 300 stations, and half of those that reported, with a share of at most 99 %",
            "shares of which chance makes at least 5 coarse",
        ),
        function="tallyscope.forensics.coarse_fractions:coarse_fractions",
    ),
)
