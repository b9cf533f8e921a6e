"""Digits of counts."""

from __future__ import annotations

from tallyscope.forensics.method import Method

__all__ = ["METHODS"]

METHODS: tuple[Method, ...] = (
    Method(
        id="last-digits",
        mechanisms=("rewritten protocol",),
        question="Are last digits spread, and paired with the digit before, as counting leaves them?",
        source="Beber & Scacco, What the numbers say, Political Analysis 20 (2012) 211-234; counts weighted by "
        "size in place of a cut at 100",
        conditions=(
            "voters on the list, ballots cast and the votes of two choices, station by station",
            "at least 1,000 counts of each kind large and uncertain enough for their last digit to be chance",
        ),
        function="tallyscope.forensics.last_digits:last_digits",
    ),
    Method(
        id="second-digit",
        mechanisms=("rewritten protocol", "protocol made from a target"),
        question="Are second digits of the leader's votes those that neighbours of the same size would have?",
        source="Mebane (2006-2011), second-digit tests; the null is made from this election's own sizes and "
        "places, not from Benford's law, which rejects most clean elections",
        conditions=(
            "voters on the list and the leader's votes, station by station",
            "at least 1,000 stations with 10 votes or more and neighbours in their territory",
        ),
        function="tallyscope.forensics.second_digit:second_digit",
    ),
)
