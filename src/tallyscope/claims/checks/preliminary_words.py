"""What the check of a preliminary count says, in sentences and in steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallyscope.claims.checks.count import Base, Count
from tallyscope.claims.checks.order import Order
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.checks.readings import Reading
from tallyscope.claims.checks.verdict import Verdict
from tallyscope.election.form import DENOMINATORS

__all__ = ["REJECTED", "preliminary_arithmetic", "preliminary_text"]

#: An order that knows nothing of results is rejected below this, over all printed shares (Bonferroni).
REJECTED = 0.001


def preliminary_text(
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
    return f"{start}{reading}; {_chance(order, verdict)}."


def _chance(order: Order, verdict: Verdict) -> str:
    """How an order that knows nothing of results stands to shares that it does not contradict."""
    if verdict == "feasible-uninformative":
        return f"a random order of counting prints them in {100 * order.prints_same.chance:.1f} % of cases"
    if order.p_random >= REJECTED:
        return f"a random order of counting leaves shares as far from the final ones with p = {order.p_random:.2g}"
    return (
        "single protocols out at random do not give them, but whole territories out at random may "
        f"(p = {order.p_blocks:.2g})"
    )


def preliminary_arithmetic(
    count: Count,
    printed: Mapping[str, Printed],
    out: tuple[int, int],
    readings: Mapping[Base, Reading],
    chosen: Reading,
    order: Order,
) -> Iterator[str]:
    """The steps, a line each: what the shares leave of 100, each share's bounds and z, witness or certificate."""
    if chosen.left is not None:
        invalid = 100 * (1 - count.declared.valid / count.declared.base("cast"))
        yield (
            f"The {len(printed)} shares leave 100 − {100 - chosen.left:.2f} = {chosen.left:.2f} %; "
            f"{invalid:.2f} % of all ballots cast are invalid in the end"
        )
    for choice, p in printed.items():
        low, high = chosen.bounds[choice]
        z = " to ".join(dict.fromkeys(f"{v:+.0f}".replace("-", "\u2212") for v in order.z[choice]))
        final = count.declared.share(choice, chosen.base)
        yield (
            f"{count.election.choice(choice).name}: {p} % printed; {low:.2f} to {high:.2f} % possible with "
            f"{out[1]:,} out; {final:.2f} % in the end; z = {z} under a random order"
        )
    for base, reading in readings.items():
        yield f"As shares of {DENOMINATORS[base]}: {_proof(reading, count)}"


def _proof(reading: Reading, count: Count) -> str:
    if reading.impossible:
        names = ", ".join(count.election.choice(c).name for c in reading.impossible)
        return f"impossible, for {names} alone already"
    if reading.sum_fits is False:
        return f"impossible, since they leave {reading.left:.2f} % of 100 and this denominator does not"
    joint = reading.joint
    if joint is None or joint.possible is None:
        return "neither a set of protocols nor a proof that there is none was found"
    if joint.missing is not None:
        return f"possible; the witness is {joint.missing.size:,} protocols without which every share is printed so"
    return (
        "impossible; the certificate is a weighting of the conditions that no protocols meet: the best ones are "
        f"{-joint.bound:,.1f} ballots short"
    )
