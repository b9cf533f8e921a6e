"""A preliminary count ("after processing 99.3 % of protocols: 63.75, 17.19 ...") against the protocols.

Which stations were out is not told; only how many, to the rounding of what was printed. Asked is whether any such
stations make the shares (a witness, or a certificate that none do), of which denominator, and whether an order of
counting that knows nothing of results would have made them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallyscope.claims.checks.count import BASES, Base, Count
from tallyscope.claims.checks.order import Order, order_of
from tallyscope.claims.checks.preliminary_words import REJECTED, preliminary_arithmetic, preliminary_text
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.checks.progress import ProgressOf, out_range, progress_text
from tallyscope.claims.checks.readings import Reading, read_as
from tallyscope.claims.checks.verdict import Check, Verdict
from tallyscope.election.form import DENOMINATORS

__all__ = ["check_preliminary"]

#: Nearly every order prints the same: a claim that is confirmed by it says nothing.
_UNINFORMATIVE = 0.95


def check_preliminary(
    count: Count, printed: Mapping[str, Printed], processed: Printed, of: ProgressOf = "protocols"
) -> Check:
    """The verdict on shares (choice -> per cent) printed when `processed` per cent of `of` were in.

    Raises KeyError for a choice that is not in the count, ValueError where no share was printed.
    """
    if not printed:
        raise ValueError("a preliminary count without shares cannot be checked")
    if unknown := [c for c in printed if c not in count.choices]:
        raise KeyError(", ".join(unknown))
    try:
        out = out_range(count, processed, of)
    except ValueError as error:
        return Check("infeasible", f"{error}.", {"protocols": count.protocols})
    law: Base = count.returns.election.form.denominator
    readings = {base: read_as(count, printed, out, base) for base in (law, *(b for b in BASES if b != law))}
    fits = [b for b, r in readings.items() if r.possible]
    unsure = [b for b, r in readings.items() if r.possible is None]
    chosen = readings[(fits or unsure or [law])[0]]
    order = order_of(count, printed, out, chosen.base)
    verdict = _verdict(chosen, order)
    return Check(
        verdict,
        preliminary_text(count, out, readings, chosen, order, verdict),
        _details(count, printed, out, readings, chosen, order),
        " or ".join(DENOMINATORS[b] for b in fits or unsure or readings),
        progress_text(count, processed, of, out),
        tuple(preliminary_arithmetic(count, printed, out, readings, chosen, order)),
    )


def _verdict(chosen: Reading, order: Order) -> Verdict:
    if chosen.possible is False:
        return "infeasible"
    if chosen.possible is None:
        return "not-checkable"
    if order.p_random < REJECTED and order.p_blocks < max(REJECTED, 1.5 / order.draws):
        return "feasible-not-random"
    return "feasible-uninformative" if order.prints_same.chance >= _UNINFORMATIVE else "consistent"


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
            "prints_same": order.prints_same.chance,
            "prints_same_error": order.prints_same.error,
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
        "certificate": _certificate(reading),
    }


def _certificate(reading: Reading) -> dict[str, Any] | None:
    """Why no protocols make the shares: one of them alone, what they leave of 100, or weighted conditions."""
    if reading.impossible:
        return {"bounds": {c: list(reading.bounds[c]) for c in reading.impossible}}
    if reading.sum_fits is False:
        return {"left": reading.left}
    joint = reading.joint
    if joint is None or joint.possible is not False:
        return None
    return {"weights": [float(w) for w in joint.weights], "bound": joint.bound}
