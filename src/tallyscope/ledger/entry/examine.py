"""What the rules say of one protocol as it was typed, with what is known around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from tallyscope.election.election import Election
from tallyscope.election.rule import RuleLevel, rules_of
from tallyscope.ledger.entry.typed import STATES, Typed, read_typed
from tallyscope.ledger.schema import figure_columns
from tallyscope.returns.build import build_returns
from tallyscope.returns.remarks import Remark, remarks

__all__ = ["NOTHING_KNOWN", "Examination", "Surroundings", "examine"]


@dataclass(frozen=True)
class Surroundings:
    """What is known around a protocol; None: not known, and then no rule asks.

    `invalid_share`: median of the stations of its commission, of ballots cast. `twins`: other stations that stand
    with the same figures. `listed`: voters on the list before voting.
    """

    invalid_share: Fraction | None = None
    twins: int | None = None
    listed: int | None = None


NOTHING_KNOWN = Surroundings()


@dataclass(frozen=True)
class Examination:
    """What was typed and the rules that speak of it, in the order of the form's relations and then of the rules."""

    typed: Typed
    remarks: tuple[Remark, ...]

    def of(self, level: RuleLevel) -> tuple[Remark, ...]:
        """The remarks of one level."""
        return tuple(r for r in self.remarks if r.rule.level == level)

    def codes(self, level: RuleLevel) -> tuple[str, ...]:
        """Codes of the rules of one level that speak."""
        return tuple(r.rule.code for r in self.of(level))


def examine(election: Election, texts: Mapping[str, str], around: Surroundings = NOTHING_KNOWN) -> Examination:
    """Reads the texts typed on the lines and lets every rule in force on the voting day look at them."""
    typed = read_typed(election, texts)
    row = {c: [typed.figures.get(c)] for c in figure_columns(election)}
    schema = dict.fromkeys(row, pl.Int64)
    table = pl.DataFrame(row, schema=schema).with_columns(station=pl.lit(""))
    returns = build_returns(table, election, levels=())
    day = max(election.voting_days, default=None)
    context = _context(election, typed, around, day, returns.table["cast"][0])
    found = remarks(returns, rules_of(election.form, day), context=context, states=typed.states)[0]
    return Examination(typed, found)


def _context(
    election: Election, typed: Typed, around: Surroundings, day: date | None, cast: int | None
) -> pl.DataFrame:
    known: dict[str, int] = {state: len(typed.states[state]) for state in STATES}
    known["other_date"] = int(not _in_force(election, day))
    if around.invalid_share is not None and cast is not None:
        known["usual_invalid"] = round(around.invalid_share * cast)
    known |= {n: v for n, v in (("twins", around.twins), ("listed", around.listed)) if v is not None}
    return pl.DataFrame({name: [value] for name, value in known.items()})


def _in_force(election: Election, day: date | None) -> bool:
    bounds: Iterable[bool] = (
        election.form.valid_from is None or day is None or day >= election.form.valid_from,
        election.form.valid_until is None or day is None or day <= election.form.valid_until,
    )
    return all(bounds)
