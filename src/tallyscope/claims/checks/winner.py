""" "According to preliminary data, has been elected": could the protocols that were out have changed it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from tallyscope.claims.checks.count import Base, Count
from tallyscope.claims.checks.printed import Printed
from tallyscope.claims.checks.shares import Known
from tallyscope.claims.checks.verdict import Check
from tallyscope.claims.core.single import share_bounds
from tallyscope.claims.core.size import missing_range
from tallyscope.election.form import DENOMINATORS
from tallyscope.election.outcome.rule import Majority

__all__ = ["check_elected", "check_majority"]


@dataclass(frozen=True)
class _Way:
    """A way to be elected: shares or leads (before another choice) above so much; `reached`: or so much itself."""

    words: str
    needs: tuple[tuple[str | None, Fraction], ...]
    reached: bool = False

    def met(self, values: tuple[Fraction, ...]) -> bool:
        """Whether values in per cent are enough; exactly, since half is not more than half."""
        pairs = zip(values, self.needs, strict=True)
        return all(v >= need if self.reached else v > need for v, (_, need) in pairs)


def check_majority(known: Known, choice: str, processed: Printed | None = None) -> Check:
    """More than half of the law's denominator: in the end, and without any set of protocols that may have been out.

    `processed`: per cent of protocols when it was said; None: asked of the final count only. Raises KeyError, and
    ValueError for a per cent that no number of protocols gives.
    """
    return _check(known, choice, processed, [_half()], known.election.form.denominator)


def check_elected(known: Known, choice: str, processed: Printed | None = None) -> Check:
    """By the election's own rule of outcome; where it has none, or gives seats, by having the most votes.

    Raises as `check_majority`.
    """
    rule = known.election.outcome
    if not isinstance(rule, Majority):
        most = _Way("more votes than any other", ((_second(known, choice), Fraction(0)),))
        return _check(known, choice, processed, [most], rule.of if rule else known.election.form.denominator)
    ways = [_half()]
    if rule.share is not None and rule.lead is not None:
        words = f"at least {float(rule.share):g} % and {float(rule.lead):g} points more than the second"
        ways.append(_Way(words, ((None, rule.share), (_second(known, choice), rule.lead)), reached=True))
    return _check(known, choice, processed, ways, rule.of)


def _half() -> _Way:
    return _Way("more than half", ((None, Fraction(50)),))


def _second(known: Known, choice: str) -> str:
    """The choice with the most votes among the others. Raises KeyError where there is no other."""
    votes = {c: n for c, n in known.declared.votes.items() if c != choice}
    if not votes:
        raise KeyError(choice)
    return max(votes, key=lambda c: votes[c])


def _check(known: Known, choice: str, processed: Printed | None, ways: list[_Way], base: Base) -> Check:
    if choice not in known.declared.votes:
        raise KeyError(choice)
    totals, of = known.declared, DENOMINATORS[base]
    final = totals.share(choice, base)
    fitting = [w for w in ways if w.met(tuple(_final(known, choice, other, base) for other, _ in w.needs))]
    name = known.election.choice(choice).name
    details = {"choice": choice, "final": final, "denominator": base, "out": None, "lowest": None}
    ended = f"{name} has {final:.2f} % of {of} in the end"
    if not fitting:
        names = " nor ".join(w.words for w in ways)
        return Check("infeasible", f"{ended}: not {names}.", details, of)
    if processed is None or not isinstance(known, Count):
        return Check("true", f"{ended}: {fitting[0].words}.", details, of, "", (f"{ended}: {fitting[0].words}",))
    most = min(missing_range(known.protocols, processed.value, processed.half)[1], known.cast.size - 1)
    progress = f"{processed} % of {known.protocols:,} protocols: up to {most:,} out"
    bounds = {w: tuple(_lowest(known, choice, other, base, most) for other, _ in w.needs) for w in fitting}
    way = next((w for w, lows in bounds.items() if w.met(lows)), None)
    shown = way or fitting[0]
    details |= {"out": most, "lowest": float(bounds[shown][0]), "rule": shown.words}
    lines = (ended, *_lines(shown, bounds[shown], most, known))
    if way is not None:
        least = f"at least {_values(way, bounds[way], known)} whichever {most:,} protocols were out"
        return Check("true", f"{ended}, and had {least}: none could have changed it.", details, of, progress, lines)
    part = f"without some {most:,} protocols it was not {shown.words} ({_values(shown, bounds[shown], known)})"
    return Check("consistent", f"{ended}; {part}.", details, of, progress, lines)


def _final(known: Known, choice: str, other: str | None, base: Base) -> Fraction:
    votes = known.declared.votes
    return Fraction(100 * (votes[choice] - (votes[other] if other else 0)), known.declared.base(base))


def _lowest(count: Count, choice: str, other: str | None, base: Base, out: int) -> Fraction:
    """The lowest share, or lead before `other`, in per cent, that any `out` protocols leave; exact."""
    votes, total = count.votes[:, count.choices.index(choice)], count.declared.votes[choice]
    if other:
        votes = votes - count.votes[:, count.choices.index(other)]
        total = total - count.declared.votes[other]
    ballots, whole = count.base(base), count.declared.base(base)
    gone = share_bounds(votes, ballots, out, (total, whole))[0].missing
    return Fraction(100 * (total - int(votes[gone].sum())), whole - int(ballots[gone].sum()))


def _values(way: _Way, lows: tuple[Fraction, ...], known: Known) -> str:
    parts = []
    for (other, _), low in zip(way.needs, lows, strict=True):
        parts.append(
            f"{float(low):.2f} points more than {known.election.choice(other).name}"
            if other
            else f"{float(low):.2f} %"
        )
    return " and ".join(parts)


def _lines(way: _Way, lows: tuple[Fraction, ...], out: int, known: Known) -> Iterator[str]:
    yield f"without the worst {out:,} protocols for it: {_values(way, lows, known)}"
