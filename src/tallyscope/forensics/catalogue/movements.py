"""Certificates, home voting, late additions, the pace of voting: voters who move."""

from __future__ import annotations

from tallyscope.forensics.method import Method

__all__ = ["METHODS"]

_COMMON = (
    "known at four fifths of the stations",
    "at least 300 stations of 100 voters and 50 ballots, of whom at most half came by the line",
    "at least 100 stations with any, and one voter in a thousand",
    "at least 20 territories with 8 such stations",
)
_TAILS = (
    "tails of a binomial count with logit-normal rates (Williams, Applied Statistics 31, 1982) around robust rates "
    "of territories; slopes within territories with errors by leaving one out (Bell & McCaffrey 2002)"
)

METHODS: tuple[Method, ...] = (
    Method(
        id="absentee-balance",
        mechanisms=("absentee voting under control", "carousel"),
        question="Do absentee certificates balance, where do they concentrate, and is the leader's share steeper "
        "in them in some territories than travellers explain?",
        source=f"Balances of the protocol's own lines; {_TAILS}",
        conditions=("voters who voted by certificate, station by station, beside the votes", *_COMMON),
        function="tallyscope.forensics.absentee_balance:absentee_balance",
    ),
    Method(
        id="home-voting",
        mechanisms=("home voting under control",),
        question="Where is voting at home far beyond the usual, and is the leader's share steeper in it in some "
        "territories than older voters explain?",
        source=f"Bounds of Duncan & Davis, American Sociological Review 18 (1953); {_TAILS}",
        conditions=("ballots issued outside the station, station by station, beside the votes", *_COMMON),
        function="tallyscope.forensics.home_voting:home_voting",
    ),
    Method(
        id="late-additions",
        mechanisms=("carousel",),
        question="Where are voters added to the list on the day far beyond the usual, and is the leader's share "
        "steeper in them in some territories than newcomers explain?",
        source=f"The protocol's own lines; {_TAILS}",
        conditions=("voters added to the list on the day, station by station, beside the votes", *_COMMON),
        function="tallyscope.forensics.late_additions:late_additions",
    ),
    Method(
        id="turnout-pace",
        mechanisms=("ballot stuffing", "carousel"),
        question="Is turnout by hour what territories, queues and arithmetic allow, and is the leader's share "
        "steeper in late voters in some territories than their kind explains?",
        source=f"Dispersion test of Fisher (1950), lower tail; {_TAILS}",
        conditions=("voters who had taken part by some hour, station by station, beside the votes", *_COMMON),
        function="tallyscope.forensics.turnout_pace:turnout_pace",
    ),
)
