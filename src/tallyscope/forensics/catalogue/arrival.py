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
    Method(
        id="machine-gap",
        mechanisms=("ballot stuffing", "rewritten protocol", "vote switching"),
        question="Do stations counted by hand report another result than machine-counted ones of the same place?",
        source="The comparison of stations with and without ballot scanners in Russian elections (Churov's KOIB "
        "stations against the rest, 2007-2021), within territories and at equal size; jackknife over territories "
        "and Hotelling's T-squared (1931) for share and turnout together",
        conditions=(
            "whether a machine counted the ballots, voters on the list, turnout, votes, station by station",
            "at least 5 places that have stations of both kinds and of like size (within a quarter), with at least "
            "50 stations of each kind in all",
        ),
        function="tallyscope.forensics.machine_gap:machine_gap",
    ),
)
