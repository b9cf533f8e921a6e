"""Method last-digits: last digits, and pairs of them, of votes and ballots; the arithmetic is in `core.digits`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tallyscope.election.roles import ROLES, votes_column
from tallyscope.forensics.core.digits import Pairs, pairs, uniformity, weights
from tallyscope.forensics.core.multiple import q_values
from tallyscope.forensics.finding import Condition, Finding, Place
from tallyscope.forensics.methods import method
from tallyscope.forensics.stations import Figures, Units, dividing_level, figures_known, station_figures, units_at
from tallyscope.returns.table import Returns

__all__ = ["last_digits"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Fewest counts of one kind, as an effective number, (sum w)^2 / sum w^2.
_FEWEST, _FEWEST_OF_UNIT = 1000.0, 100.0
_STANDS_OUT = 0.05

_ALTERNATIVES = (
    "Rounding by hand of figures that nobody needs exactly, or numbers copied from a plan (ballots delivered in "
    "packs): digits of 0 and 5 are then too frequent without favouring anybody.",
    "Sizes that were set: precincts drawn to have 500 or 1,000 voters, closed institutions where everybody votes.",
    "Stations capped at a size: where ballots cast pile up below a limit, their last digits follow the limit.",
    "Figures that are reckoned rather than invented, and ballots that were really counted, have last digits in "
    "order: a quiet answer says nothing about stuffing, switching or results reckoned backwards.",
)


@dataclass(frozen=True, eq=False)
class _Counts:
    """One kind of count: what it is called, the counts and their weights, (stations,)."""

    title: str
    count: Ints
    weight: Floats

    @property
    def effective(self) -> float:
        """(sum w)^2 / sum w^2: how many counts of weight 1 they are worth."""
        square = float((self.weight**2).sum())
        return float(self.weight.sum()) ** 2 / square if square else 0.0


def last_digits(returns: Returns) -> Finding:
    """Tests whether last digits are evenly spread and pair with their tens digit as often as chance has it.

    Counts: votes of the two choices with most of them, and ballots cast. The p-value is the smallest of three
    (evenness over all kinds, chi-square; repeated pairs; adjacent pairs, both two-sided), corrected for being the
    smallest of three (Sidak). `details`: per kind the share of each digit, and of pairs. `where`: evenness by unit.
    """
    columns = _columns(returns)
    if columns is None:
        return _finding((_no_columns(returns),), "Does not apply to these returns: figures are missing.")
    figures = station_figures(returns, columns)
    kinds = _kinds(returns, figures, columns)
    fewest = min(k.effective for k in kinds)
    asked = (
        figures_known(figures, columns),
        Condition(
            f"At least {_FEWEST:,.0f} counts of each kind are large and uncertain enough for their last digit to "
            "be chance (weights by count and by binomial standard deviation)",
            fewest >= _FEWEST,
            f"{fewest:,.0f}, as an effective number",
        ),
    )
    if not all(c.met for c in asked):
        return _finding(asked, "Does not apply to these returns: too few large counts.")
    return _answer(returns, figures, kinds, asked)


def _columns(returns: Returns) -> tuple[str, ...] | None:
    """Registered, cast, and the votes of the two choices that have most; None if any is missing."""
    totals = returns.table.select(pl.col(returns.votes_columns).sum()).row(0) if returns.choices else ()
    first = sorted(range(len(totals)), key=lambda i: -(totals[i] or 0))[:2]
    columns = ("registered", "cast", *(votes_column(returns.choices[i].id) for i in first))
    return columns if len(first) == 2 and returns.has(*columns) else None


def _kinds(returns: Returns, figures: Figures, columns: Sequence[str]) -> tuple[_Counts, ...]:
    names = {votes_column(c.id): f"votes for {c.name}" for c in returns.choices} | ROLES
    of = {"cast": figures["registered"]} | dict.fromkeys(columns[2:], figures["cast"])
    # Negative figures and parts above their whole are for the checks of protocols, not for digits.
    kinds = []
    for column, total in of.items():
        count = np.clip(figures[column], 0, np.maximum(total, 0))
        kinds.append(_Counts(names[column], count, weights(count, np.maximum(total, 0))))
    return tuple(kinds[1:] + kinds[:1])


def _answer(returns: Returns, figures: Figures, kinds: Sequence[_Counts], asked: tuple[Condition, ...]) -> Finding:
    from scipy.special import chdtrc, ndtr

    one_group = np.zeros(figures.rows.size, dtype=np.int64)
    even = [float(uniformity(k.count % 10, k.weight, one_group, 1)[0]) for k in kinds]
    paired = [pairs(k.count, k.weight) for k in kinds]
    repeated = sum(p.repeated_score for p in paired) / len(kinds) ** 0.5
    adjacent = sum(p.adjacent_score for p in paired) / len(kinds) ** 0.5
    tests = {
        "evenness": float(chdtrc(9 * len(kinds), sum(even))),
        "repeated_pairs": float(2 * ndtr(-abs(repeated))),
        "adjacent_pairs": float(2 * ndtr(-abs(adjacent))),
    }
    p = float(-np.expm1(len(tests) * np.log1p(-min(min(tests.values()), 1 - 1e-16))))
    details = {
        "stations_used": int(figures.rows.size),
        "tests": {"p_value": tests},
        **{k.title: _kind_details(k, e, of) for k, e, of in zip(kinds, even, paired, strict=True)},
    }
    details["tests"] = {name: {"p_value": value} for name, value in tests.items()}
    strongest = min(tests, key=lambda t: tests[t]).replace("_", " ")
    verdict = "anomalous" if p < 0.001 else "a weak sign" if p < 0.05 else "consistent with chance"
    shares = "; ".join(f"{k.title}: 0 or 5 in {_zero_or_five(k):.1%}" for k in kinds)
    summary = (
        f"Last digits of {kinds[0].effective:,.0f} to {kinds[-1].effective:,.0f} counts of a kind: {verdict} "
        f"(p = {p:.2g}; strongest: {strongest}). {shares}; chance has 20.0%."
    )
    return _finding(
        asked, summary, details, p, _places(returns, figures, kinds), _stations(returns, figures, kinds)
    )


def _kind_details(kind: _Counts, even: float, of: Pairs) -> dict[str, Any]:
    share = np.bincount(kind.count % 10, weights=kind.weight, minlength=10) / kind.weight.sum()
    return {
        "effective_counts": kind.effective,
        "chi_square": even,
        "zero_or_five": _zero_or_five(kind),
        "repeated": of.repeated,
        "adjacent": of.adjacent,
        "digits": share.tolist(),
    }


def _zero_or_five(kind: _Counts) -> float:
    return float(kind.weight[kind.count % 5 == 0].sum() / kind.weight.sum())


def _places(returns: Returns, figures: Figures, kinds: Sequence[_Counts]) -> tuple[Place, ...]:
    """All units of the dividing level by their p-value, then those of the next one that stand out."""
    top = dividing_level(returns, figures, np.ones(figures.rows.size, dtype=np.int64))
    if top is None:
        return ()
    places: list[Place] = []
    for depth, most in ((top, 1.0), (top + 1, _STANDS_OUT)):
        if depth < len(returns.levels):
            places += _of_level(units_at(returns, figures, depth), kinds, most)
    return tuple(places)


def _of_level(units: Units, kinds: Sequence[_Counts], most: float) -> list[Place]:
    """Places with a q-value of at most `most`; units with too few counts are not tested."""
    from scipy.special import chdtrc

    n = len(units.names)
    even, freedom, five = np.zeros(n), np.zeros(n), np.zeros(n)
    total = np.zeros(n)
    for kind in kinds:
        weight = np.bincount(units.of, weights=kind.weight, minlength=n)
        square = np.bincount(units.of, weights=kind.weight**2, minlength=n)
        enough = weight**2 >= _FEWEST_OF_UNIT * square
        enough &= square > 0
        even += np.where(enough, uniformity(kind.count % 10, kind.weight, units.of, n), 0.0)
        freedom += np.where(enough, 9.0, 0.0)
        five += np.bincount(units.of, weights=kind.weight * (kind.count % 5 == 0), minlength=n)
        total += weight
    p = np.where(freedom > 0, chdtrc(np.maximum(freedom, 1), even), np.nan)
    q = q_values(p)
    share = 100 * five / np.maximum(total, 1e-300)
    tested = [i for i in np.argsort(p, kind="stable") if q[i] <= most]
    return [
        Place(
            units.level,
            units.names[i],
            float(share[i]),
            "% of digits 0 or 5 (chance: 20)",
            float(p[i]),
            float(q[i]),
            {"chi_square": float(even[i]), "degrees_of_freedom": int(freedom[i])},
        )
        for i in tested
    ]


def _stations(returns: Returns, figures: Figures, kinds: Sequence[_Counts]) -> pl.DataFrame:
    """The last digits themselves; a single station's digits are never unusual, so there is no strength."""
    names = ("leader", "second", "cast")
    frame = pl.DataFrame(
        {
            "row": figures.rows,
            **{f"{n}_digit": (k.count % 10).astype(np.int8) for n, k in zip(names, kinds, strict=True)},
        }
    )
    every = pl.DataFrame({"row": np.arange(len(returns))})
    return every.join(frame, on="row", how="left", maintain_order="left").drop("row")


def _no_columns(returns: Returns) -> Condition:
    missing = [ROLES[c] for c in ("registered", "cast") if not returns.has(c)]
    told = ", ".join(missing) if missing else f"{len(returns.choices)} choices with votes"
    return Condition("Stations report voters, ballots cast and the votes of two choices", False, told)


def _finding(
    asked: tuple[Condition, ...],
    summary: str,
    details: dict[str, Any] | None = None,
    p: float | None = None,
    where: tuple[Place, ...] = (),
    stations: pl.DataFrame | None = None,
) -> Finding:
    about = method("last-digits")
    return Finding(
        method=about.id,
        mechanisms=about.mechanisms,
        question=about.question,
        applicable=p is not None,
        conditions=asked,
        summary=summary,
        p_value=p,
        details=details or {},
        where=where,
        alternatives=_ALTERNATIVES,
        source=about.source,
        stations=stations,
    )
