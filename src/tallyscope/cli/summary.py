"""The summary of an examination on the screen: what was counted, what fails, what was found, where to read on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallyscope.cli.common import console, count, percent
from tallyscope.election.form import DENOMINATORS
from tallyscope.report.words import amount

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tallyscope.forensics.finding import Finding
    from tallyscope.report.examination import Examination

__all__ = ["print_summary"]


def print_summary(examination: Examination, out: Path) -> None:
    """Prints the tally of the nation, the checks, a few lines a finding, and the path of the report."""
    from rich.table import Table
    from rich.text import Text

    from tallyscope.tally import progress, tally

    returns = examination.returns
    screen = console()
    done = progress(returns)
    row = tally(returns).row(0, named=True)
    denominator = DENOMINATORS[returns.election.form.denominator]
    screen.print(returns.election.title, style="bold", markup=False)
    screen.print(
        f"{count(done.processed)} of {count(done.of)} protocols; {count(row['registered'])} registered, "
        f"{count(row['cast'])} ballots cast, turnout {percent(row['turnout'])}",
        markup=False,
    )
    table = Table(show_edge=False)
    for column, right in (("choice", False), ("votes", True), (f"% of {denominator}", True)):
        table.add_column(column, justify="right" if right else "left")
    for choice in sorted(returns.choices, key=lambda c: -(row[f"votes_{c.id}"] or 0))[:8]:
        table.add_row(Text(choice.name), count(row[f"votes_{choice.id}"]), percent(row[f"share_{choice.id}"]))
    screen.print(table)
    _print_checks(examination)
    for finding in examination.findings:
        if finding.applicable:
            _print_finding(finding)
    _print_silent([f for f in examination.findings if not f.applicable])
    screen.print(f"\nReport: {out / 'report.html'}", style="bold", markup=False, soft_wrap=True)


def _print_checks(examination: Examination) -> None:
    broken = [r for r in examination.checks.relations if r.violations]
    screen = console()
    if not broken:
        screen.print(f"\nProtocols: all {len(examination.checks.relations)} relations hold in every protocol.")
        return
    screen.print("\nProtocols that contradict themselves", style="bold")
    for r in broken:
        kind = "the law's" if r.relation.level == "hard" else "expected"
        line = f"  {r.relation.code} ({kind}) {count(r.violations)} of {count(r.checked)}: {r.relation.public}"
        screen.print(line, markup=False)


def _print_finding(finding: Finding) -> None:
    screen = console()
    screen.print(f"\n{finding.method}", style="bold", markup=False)
    screen.print(f"  {finding.question}", style="italic", markup=False)
    screen.print(f"  {finding.summary}", markup=False)
    if finding.estimate is not None:
        e = finding.estimate
        interval = f"{amount(e.low)} to {amount(e.high)}, {e.level:.0%} interval"
        screen.print(f"  {amount(e.value)} {e.unit} [{interval}]", markup=False)
    if finding.p_value is not None:
        shown = f"{finding.p_value:.2g}" if finding.p_value >= 1e-300 else "below 1e-300"
        q = "" if finding.q_value is None else f", q = {finding.q_value:.2g}"
        screen.print(f"  p = {shown}{q}", markup=False)
    if finding.posterior is not None:
        from tallyscope.forensics.finding import in_figures

        screen.print(f"  posterior probability of nothing: {in_figures(finding.posterior)}", markup=False)


def _print_silent(findings: Sequence[Finding]) -> None:
    """Methods that do not apply, each with the first condition that these data do not meet."""
    screen = console()
    if findings:
        screen.print("\nMethods that do not apply", style="bold")
    for finding in findings:
        unmet = next((c for c in finding.conditions if c.met is False), None)
        why = f"{unmet.text}: no, {unmet.measured}" if unmet else finding.summary
        screen.print(f"  {finding.method}: {why}", markup=False)
