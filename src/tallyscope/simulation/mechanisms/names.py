"""What kinds of manipulation are called, everywhere: in simulations, methods, findings and reports."""

from __future__ import annotations

__all__ = [
    "ABSENTEE",
    "CAROUSEL",
    "EXTREME_STUFFING",
    "HOME",
    "NAMES",
    "REWRITTEN",
    "SHARED_PERCENTAGE",
    "STUFFING",
    "SWITCHING",
    "TARGET",
    "WRITTEN",
]

#: Ballots that no voter cast.
STUFFING = "ballot stuffing"
#: Nearly everybody "voted", nearly everybody for one choice.
EXTREME_STUFFING = "extreme stuffing"
#: Others' votes counted for one choice.
SWITCHING = "vote switching"
#: Voters who vote more than once: added to the list on the day, or by certificate.
CAROUSEL = "carousel"
ABSENTEE = "absentee voting under control"
HOME = "home voting under control"
#: Turnout and share decided as round percentages.
WRITTEN = "result written in advance"
SHARED_PERCENTAGE = "one percentage for a territory"
#: Votes reckoned backwards from percentages that need not be round.
TARGET = "protocol made from a target"
#: A correct protocol replaced by another one after it was signed.
REWRITTEN = "rewritten protocol"

NAMES = (
    STUFFING,
    EXTREME_STUFFING,
    SWITCHING,
    CAROUSEL,
    ABSENTEE,
    HOME,
    WRITTEN,
    SHARED_PERCENTAGE,
    TARGET,
    REWRITTEN,
)
