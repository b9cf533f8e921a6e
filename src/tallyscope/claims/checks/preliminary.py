"""A preliminary count ("after processing 99.3 % of protocols: 63.75, 17.19 ...") against the protocols.

Which stations were out is not told; only how many, to the rounding of what was printed. Asked is whether any such
stations make the shares (a witness, or a certificate that none do), of which denominator, and whether an order of
counting that knows nothing of results would have made them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tallyscope.claims.checks.count import BASES, Base, Count
from tallyscope.claims.checks.order import Order, order_of
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.checks.verdict import Check, Verdict
from tallyscope.claims.core.joint import Feasibility, conditions, feasibility
from tallyscope.claims.core.single import share_bounds
from tallyscope.claims.core.size import missing_range
from tallyscope.election.form import DENOMINATORS

__all__ = ["Reading", "check_preliminary", "read_as"]

Floats = npt.NDArray[np.float64]

#: Nearly every order prints the same: a claim that is confirmed by it says nothing.
_UNINFORMATIVE = 0.95
#: An order that knows nothing of results is rejected below this, over all printed shares (Bonferroni).
_REJECTED = 0.001


@dataclass(frozen=True, eq=False)
class Reading:
    """The printed shares read as shares of one denominator.

    `bounds`: choice -> lowest and highest per cent with `most` protocols out. `sum_fits`: whether what the shares
    leave of 100 is what the denominator leaves (nothing, or invalid ballots); None: not all choices were printed.
    `joint`: of all printed shares at once; None where a single one or the sum is impossible already.
    """

    base: Base
    left: float | None
    sum_fits: bool | None
    bounds: Mapping[str, tuple[float, float]]
    impossible: tuple[str, ...]
    joint: Feasibility | None

    @property
    def possible(self) -> bool | None:
        """None: neither a witness nor a certificate was found."""
        if self.impossible or self.sum_fits is False:
            return False
        return None if self.joint is None else self.joint.possible


def read_as(count: Count, printed: Mapping[str, Printed], out: tuple[int, int], base: Base) -> Reading:
    """Holds the shares against the protocols. `out`: fewest and most protocols that were out."""
    columns = [count.choices.index(c) for c in printed]
    ballots, declared = count.base(base), count.declared
    totals = tuple(declared.votes[c] for c in printed)
    most = min(out[1], ballots.size - 1)
    bounds = {}
    for choice, column, total in zip(printed, columns, totals, strict=True):
        whole = (total, declared.base(base))
        low, high = share_bounds(count.votes[:, column], ballots, most, whole)
        bounds[choice] = (100 * low.share, 100 * high.share)
    impossible = tuple(c for c, p in printed.items() if bounds[c][0] > p.high or bounds[c][1] < p.low)
    left, fits = _sum(count, printed, most, base)
    joint = None
    if not impossible and fits is not False:
        shares = np.array([float(p.value) / 100 for p in printed.values()])
        half = np.array([float(p.half) / 100 for p in printed.values()])
        whole_votes = (np.array(totals, dtype=np.int64), declared.base(base))
        few = min(out[0], most)
        joint = feasibility(conditions(count.votes[:, columns], ballots, shares, half, few, most, whole_votes))
    return Reading(base, left, fits, bounds, impossible, joint)


def _sum(count: Count, printed: Mapping[str, Printed], most: int, base: Base) -> tuple[float | None, bool | None]:
    """What the shares leave of 100, and whether the denominator can leave it."""
    if set(printed) != set(count.choices):
        return None, None
    left = 100 - sum(p.value for p in printed.values())
    slack = sum(p.half for p in printed.values())
    low = high = 0.0
    if base == "cast":
        declared = count.declared
        totals = (declared.base("cast") - declared.valid, declared.base("cast"))
        below, above = share_bounds(count.cast - count.valid, count.cast, most, totals)
        low, high = 100 * below.share, 100 * above.share
    return float(left), bool(low - slack <= left <= high + slack)


def check_preliminary(count: Count, printed: Mapping[str, Printed], processed: Printed) -> Check:
    """The verdict on shares (choice -> per cent) printed when `processed` per cent of the protocols were in.

    Raises KeyError for a choice that is not in the count, ValueError where no share was printed.
    """
    if not printed:
        raise ValueError("a preliminary count without shares cannot be checked")
    if unknown := [c for c in printed if c not in count.choices]:
        raise KeyError(", ".join(unknown))
    try:
        out = missing_range(count.protocols, processed.value, processed.half)
    except ValueError as error:
        return Check("infeasible", f"{error}.", {"protocols": count.protocols})
    law: Base = count.returns.election.form.denominator
    readings = {base: read_as(count, printed, out, base) for base in (law, *(b for b in BASES if b != law))}
    fits = [b for b, r in readings.items() if r.possible]
    unsure = [b for b, r in readings.items() if r.possible is None]
    chosen = readings[(fits or unsure or [law])[0]]
    order = order_of(count, printed, out, chosen.base)
    verdict = _verdict(chosen, order)
    details = _details(count, printed, out, readings, chosen, order)
    return Check(verdict, _text(count, out, readings, chosen, order, verdict), details)


def _verdict(chosen: Reading, order: Order) -> Verdict:
    if chosen.possible is False:
        return "infeasible"
    if chosen.possible is None:
        return "not-checkable"
    if order.p_random < _REJECTED and order.p_blocks < max(_REJECTED, 1.5 / order.draws):
        return "feasible-not-random"
    return "feasible-uninformative" if order.prints_same >= _UNINFORMATIVE else "consistent"


def _details(
    count: Count,
    printed: Mapping[str, Printed],
    out: tuple[int, int],
    readings: Mapping[Base, Reading],
    chosen: Reading,
    order: Order,
) -> dict[str, Any]:
    return {
        "protocols": count.protocols,
        "with_figures": int(count.cast.size),
        "out": list(out),
        "denominator": chosen.base,
        "readings": {b: _as_json(r) for b, r in readings.items()},
        "shares": {
            c: {
                "printed": str(p),
                "final": count.declared.share(c, chosen.base),
                "lowest": chosen.bounds[c][0],
                "highest": chosen.bounds[c][1],
                "z": list(order.z[c]),
                "z_blocks": order.z_blocks[c],
            }
            for c, p in printed.items()
        },
        "order": {
            "p_random": order.p_random,
            "p_blocks": order.p_blocks,
            "prints_same": order.prints_same,
            "draws": order.draws,
        },
    }


def _as_json(reading: Reading) -> dict[str, Any]:
    joint = reading.joint
    witness = None if joint is None or joint.missing is None else [int(i) for i in joint.missing]
    return {
        "possible": reading.possible,
        "left": reading.left,
        "sum_fits": reading.sum_fits,
        "impossible": list(reading.impossible),
        "witness": witness,
        "certificate": None
        if joint is None or joint.possible is not False
        else {"weights": [float(w) for w in joint.weights], "bound": joint.bound},
    }


def _text(
    count: Count,
    out: tuple[int, int],
    readings: Mapping[Base, Reading],
    chosen: Reading,
    order: Order,
    verdict: Verdict,
) -> str:
    of = DENOMINATORS[chosen.base]
    out_text = f"{out[0]:,}" if out[0] == out[1] else f"{out[0]:,} to {out[1]:,}"
    start = f"{out_text} of {count.protocols:,} protocols were out. "
    if verdict == "infeasible":
        names = " or ".join(DENOMINATORS[b] for b in readings)
        return f"{start}No set of them gives these shares, be they of {names}."
    other = [DENOMINATORS[b] for b, r in readings.items() if b != chosen.base and r.possible is False]
    reading = f"As shares of {of} the figures are possible" + (f", as shares of {other[0]} not" if other else "")
    if verdict == "not-checkable":
        return f"{start}Neither stations that give these shares nor a proof that there are none was found."
    if verdict == "feasible-not-random":
        furthest = max(order.z, key=lambda c: abs(order.z[c][0]))
        name = count.returns.election.choice(furthest).name
        how = f"{abs(order.z[furthest][0]):.0f} standard deviations from what a random order leaves ({name})"
        return f"{start}{reading}; they are {how}, and whole territories out at random do not give them."
    chance = f"a random order of counting prints them in {100 * order.prints_same:.1f} % of cases"
    return f"{start}{reading}; {chance}."
