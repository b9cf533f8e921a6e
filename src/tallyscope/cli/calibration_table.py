"""Rates as tables on the screen: false alarms by method and kind of country, power by mechanism and dose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tallyscope.cli.common import console

if TYPE_CHECKING:
    from rich.table import Table

    from tallyscope.forensics.calibration.rates import Rate, Rates

__all__ = ["print_rates"]


def print_rates(rates: Rates, methods: Sequence[str] | None = None) -> None:
    """Prints two tables a method, what each kind of country is, and how the figures were made."""
    chosen = [m for m in rates.methods if not methods or m in methods]
    measured = {m: rates.of(m) for m in chosen}
    for method in chosen:
        _print_clean(method, [r for r in measured[method] if not r.mechanism])
        changed = [r for r in measured[method] if r.mechanism]
        for structure in dict.fromkeys(r.structure for r in changed):
            _print_power(structure, [r for r in changed if r.structure == structure])
    out = console()
    if not chosen:
        out.print("Nothing was measured of these methods.")
        return
    out.print(
        "\nRates with 95 % intervals (Clopper & Pearson 1934); mean estimates, in votes as % of the leader's.\n"
    )
    for key in dict.fromkeys(r.structure for rows in measured.values() for r in rows):
        s = rates.structures[key]
        out.print(f"{key}: {s['title']}; {s['stations']:,} stations", markup=False)
    for study in dict.fromkeys(r.study for rows in measured.values() for r in rows):
        out.print(f"\n{rates.provenance(study)}", markup=False, soft_wrap=True)


def _print_clean(method: str, measured: Sequence[Rate]) -> None:
    table = _table("nothing was done", title=f"\n{method}")
    for column in ("applies", "cries at 5 %", "at 1 %", "estimate", "holds 0"):
        table.add_column(column, justify="right", no_wrap=True)
    for r in measured:
        cells = (_of(r.applicable, r.runs), _rate(r.at_5, r.tested), _rate(r.at_1, r.tested), *_estimate(r))
        table.add_row(r.structure, *cells)
    console().print(table)


def _print_power(structure: str, measured: Sequence[Rate]) -> None:
    table = _table(f"on {structure}", "where")
    for column in ("dose", "gained", "runs", "cries at 5 %", "estimate", "holds truth"):
        table.add_column(column, justify="right", no_wrap=True)
    for r in measured:
        mean, _ = _estimate(r)
        held = "–" if r.estimate is None else _of(r.estimate.covers_truth, r.estimate.answered)
        gained, runs = f"{100 * r.gained:.1f} %", f"{r.runs:,}"
        cells = (f"{r.dose:g}", gained, runs, _rate(r.at_5, r.runs if r.tested else 0), mean, held)
        table.add_row(r.mechanism, r.place, *cells)
    console().print(table)


def _table(*columns: str, title: str | None = None) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", show_edge=False)
    table.add_column(columns[0], min_width=26)
    for column in columns[1:]:
        table.add_column(column)
    return table


def _estimate(r: Rate) -> tuple[str, str]:
    e = r.estimate
    if e is None:
        return "–", "–"
    mean = f"{100 * e.mean:+.2f} %" if e.unit.endswith("votes") else f"{_figure(e.mean)} {e.unit}"
    return mean, _of(e.covers_zero, e.answered)


def _figure(value: float) -> str:
    return f"{value:+,.0f}" if abs(value) >= 100 else f"{value:+.3g}"


def _rate(cried: int, of: int) -> str:
    """4.2 % [2.6–6.4], the rate and its 95 % interval; a dash where nothing was tested."""
    from tallyscope.forensics.calibration.binomial import clopper_pearson

    if not of:
        return "–"
    low, high = clopper_pearson(cried, of)
    return f"{100 * cried / of:.1f} % [{100 * low:.1f}–{100 * high:.1f}]"


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}"
