"""The order in which protocols came in, and how they were counted."""

from __future__ import annotations

from tallyscope.forensics.method import Method

__all__ = ["METHODS"]

METHODS: tuple[Method, ...] = (
    Method(
        id="order-of-arrival",
        mechanisms=("rewritten protocol", "protocol made from a target"),
        question="Does the leader's share move with the order in which protocols came in, within the same places?",
        source="Idrobo, Kronick & Rodriguez, Do Shifts in Late-Counted Votes Signal Fraud? Evidence from Bolivia, "
        "Journal of Politics 84 (2022), on what has to be held fixed; a max-type test of trend and jumps within "
        "places, errors clustered",
        conditions=(
            "when each protocol came in, voters on the list, votes, station by station",
            "at least 300 stations that share their place with one that came in at another time, in 30 such places",
            "at least 20 units over which errors are taken to be independent",
        ),
        function="tallyscope.forensics.order_of_arrival:order_of_arrival",
    ),
)
