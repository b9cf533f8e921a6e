"""The joint shape of turnout and share."""

from __future__ import annotations

from tallyscope.forensics.method import Method

__all__ = ["METHODS"]

_CONDITIONS = (
    "voters on the list, the ballots that shares are reckoned from, and the leader's votes, by station",
    "at least 300 stations of 100 voters and 20 ballots or more; 70 % of them in territories of five",
    "stations of a territory differ by more than the chance of counting",
    "at least 12 places that vary independently",
)

METHODS: tuple[Method, ...] = (
    Method(
        id="fingerprint",
        mechanisms=(
            "ballot stuffing",
            "extreme stuffing",
            "carousel",
            "rewritten protocol",
        ),
        question="Do stations lean to high turnout and a high share of the leader together, and how many do?",
        source="Klimek, Yegorov, Hanel & Thurner, Statistical detection of systematic election irregularities, "
        "PNAS 109 (2012) 16469-16473; compared within places as in Jimenez, Hidalgo & Klimek, Science Advances 3 "
        "(2017)",
        conditions=_CONDITIONS,
        function="tallyscope.forensics.fingerprint:fingerprint",
    ),
    Method(
        id="nu-shape",
        mechanisms=("ballot stuffing", "extreme stuffing", "carousel", "rewritten protocol"),
        question="Has the logarithmic vote rate a tail towards the leader that has no counterpart?",
        source="Klimek, Yegorov, Hanel & Thurner, PNAS 109 (2012) 16469-16473: skewness and kurtosis of nu; tested "
        "against the mirrored country",
        conditions=_CONDITIONS,
        function="tallyscope.forensics.nu_shape:nu_shape",
    ),
    Method(
        id="turnout-share",
        mechanisms=("ballot stuffing", "extreme stuffing", "carousel", "absentee voting under control"),
        question="Does the leader's share rise with turnout within territories as no honest correlation makes it?",
        source="Sobyanin & Sukhovolsky, Democracy restricted by falsifications (1995): slope of votes per voter on "
        "turnout; within territories, against the mirrored country",
        conditions=(*_CONDITIONS, "share rises with turnout within territories (t of 2 or more)"),
        function="tallyscope.forensics.turnout_share:turnout_share",
    ),
)
