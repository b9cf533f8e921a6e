"""All mechanisms by name."""

from __future__ import annotations

from collections.abc import Mapping

from tallyscope.simulation.mechanisms import (
    absentee,
    carousel,
    extreme,
    home,
    names,
    rewritten,
    shared_percentage,
    stuffing,
    switching,
    target,
    written,
)
from tallyscope.simulation.mechanisms.mechanism import Mechanism, Option

__all__ = ["MECHANISMS"]

#: Doses of mechanisms that work anywhere, of those at few stations, and of those in points.
_WIDE, _FEW, _POINTS = (0.01, 0.02, 0.05, 0.10, 0.20), (0.001, 0.002, 0.005, 0.01, 0.02), (0.0, 0.5, 1.0, 2.0, 5.0)
_UNEVENNESS = Option(float, "spread of the log-normal weights by which stations differ (0.8)")
_AROUND = Option(float, "spread of the log-normal factors by which stations differ (0.5)")
_UNIT = Option(str, "level of the units that share it (the lowest)")


def _known() -> tuple[Mechanism, ...]:
    return (
        Mechanism(
            names.STUFFING,
            stuffing.apply,
            "ballots added / the choice's votes in the whole election",
            "votes",
            _WIDE,
            "Turnout and the choice's share rise together; the others keep their votes.",
            options={
                "unevenness": _UNEVENNESS,
                "since": Option(int, "hour of the day after which they come (all day); needs turnout by that hour"),
            },
        ),
        Mechanism(
            names.EXTREME_STUFFING,
            extreme.apply,
            "votes gained / the choice's votes in the whole election",
            "votes",
            _WIDE,
            "Some stations with a turnout and a share near 100 %.",
            options={"spread": Option(float, "how far a station stays below everybody (0.075)")},
        ),
        Mechanism(
            names.SWITCHING,
            switching.apply,
            "votes moved / the choice's votes in the whole election",
            "votes",
            _WIDE,
            "The share rises and turnout does not.",
            options={"unevenness": _UNEVENNESS},
        ),
        Mechanism(
            names.CAROUSEL,
            carousel.apply,
            "votes of voters entered on a list once more / the choice's votes in the whole election",
            "votes",
            _FEW,
            "Voters added on the day, or by certificate, in groups of the same size, all for one choice.",
            ("added",),
            {
                "entered": Option(str, "the line that counts them: added (default) or certificates_used"),
                "group": Option(int, "voters who come together (40)"),
            },
        ),
        Mechanism(
            names.ABSENTEE,
            absentee.apply,
            "votes by certificate at few stations / the choice's votes in the whole election",
            "votes",
            _FEW,
            "Certificates used at few stations, all for one choice; as many more are issued over the whole place.",
            ("certificates_issued", "certificates_used"),
            {"group": Option(int, "voters who come to a station (100)"), "unevenness": _AROUND},
        ),
        Mechanism(
            names.HOME,
            home.apply,
            "ballots from outside the station at few stations / the choice's votes in the whole election",
            "votes",
            _FEW,
            "Much home voting at few stations, all for one choice.",
            ("issued_outside",),
            {"part": Option(float, "part of those at home who vote so (0.3)"), "unevenness": _AROUND},
        ),
        Mechanism(
            names.WRITTEN,
            written.apply,
            "points by which turnout and share are lifted before they are rounded up",
            "points",
            _POINTS,
            "Turnout and share are multiples of a round percentage.",
            options={"step": Option(int, "what they are multiples of, per cent (5)")},
        ),
        Mechanism(
            names.SHARED_PERCENTAGE,
            shared_percentage.apply,
            "points by which the percentage lies above the unit's own",
            "points",
            _POINTS,
            "All stations of a unit report the same share to one decimal, give or take half a vote.",
            options={"unit": _UNIT},
        ),
        Mechanism(
            names.TARGET,
            target.apply,
            "points by which the target turnout and share lie above the unit's own",
            "points",
            _POINTS,
            "Stations of a unit differ far less than voters do; no figure is round.",
            options={"jitter": Option(float, "points by which a station misses the target (0.4)"), "unit": _UNIT},
        ),
        Mechanism(
            names.REWRITTEN,
            rewritten.apply,
            "votes moved at few stations / the choice's votes in the whole election",
            "votes",
            _FEW,
            "Large moves at few stations, and last digits that a person chose.",
            options={
                "lift": Option(float, "points that the choice gains at a station (15)"),
                "digits": Option(str, "last digits of the new figure: fives (0 or 5, default), human or even"),
                "liking": Option(float, "share of the new figures whose last digit is chosen (0.6)"),
            },
        ),
    )


#: Name -> mechanism, in the order of `names.NAMES`.
MECHANISMS: Mapping[str, Mechanism] = {name: next(m for m in _known() if m.name == name) for name in names.NAMES}
