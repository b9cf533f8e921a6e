"""`tallyscope copies OFFICIAL COPIES`: observers' copies beside the official protocols, line by line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallyscope.cli.common import (
    ElectionOption,
    FormatOption,
    MappingOption,
    OutputFormat,
    console,
    count,
    fail,
    percent,
    print_json,
    read_files,
    warn_of_notices,
)
from tallyscope.election.form import DENOMINATORS
from tallyscope.election.roles import VOTES, role_title

if TYPE_CHECKING:
    import polars as pl

    from tallyscope.returns.table import Returns
    from tallyscope.verification.beside import Beside
    from tallyscope.verification.effect import Lead

__all__ = ["ByOption", "copies", "show_copies"]

ByOption = Annotated[str, typer.Option("--by", help="Also by a level: region, territory ... or station.")]


def copies(
    official: Annotated[Path, typer.Argument(help="The official protocols.")],
    copies: Annotated[Path, typer.Argument(help="Copies of them: the same stations, the same lines or some.")],
    by: ByOption = "nation",
    format: FormatOption = OutputFormat.text,
    mapping: MappingOption = None,
    copies_mapping: Annotated[
        Path | None, typer.Option("--copies-mapping", help="How to understand the columns of the copies.")
    ] = None,
    election: ElectionOption = None,
) -> None:
    """Copies beside official protocols: which lines differ, who gains, and what it comes to. No p-value: nobody
    drew these stations at random. --format csv prints every differing line."""
    theirs = election if copies_mapping is None else None
    ours = read_files([official], mapping=mapping, election=election, drop_totals=False)
    sent = read_files([copies], mapping=copies_mapping, election=theirs, drop_totals=False)
    warn_of_notices(ours)
    warn_of_notices(sent)
    show_copies(ours, sent, by, format)


def show_copies(official: Returns, sent: Returns, by: str, format: OutputFormat) -> None:
    """Prints the comparison of two tables; ends with exit code 2 where there is nothing to compare."""
    from tallyscope.returns.problems import ReadError
    from tallyscope.tally import UnknownLevel
    from tallyscope.verification.beside import beside
    from tallyscope.verification.differences import differing_lines, gains

    try:
        compared = beside(official, sent)
        table = gains(compared, by)
    except ReadError as error:
        fail(error.problems)
    except UnknownLevel as error:
        fail([str(error)])
    if format is OutputFormat.csv:
        from tallyscope.returns.writers import neutralised

        sys.stdout.write(neutralised(differing_lines(compared)).write_csv())
    elif format is OutputFormat.json:
        print_json(_json(compared, table))
    else:
        _print(compared, table)


def _json(compared: Beside, table: pl.DataFrame) -> dict[str, Any]:
    from dataclasses import asdict

    from tallyscope.verification.differences import differing_lines, unequal_stations
    from tallyscope.verification.effect import effect

    found = effect(compared)
    choices = [
        {"choice": e.choice.id, **{k: v for k, v in asdict(e).items() if k != "choice"}, "difference": e.difference}
        for e in found.choices
    ]
    lead = found.lead
    return {
        "election": compared.official.election.id,
        "compared": found.compared,
        "protocols": found.protocols,
        "unequal": unequal_stations(compared),
        "strangers": list(compared.strangers),
        "without_protocol": list(compared.without_protocol),
        "share_of": compared.official.election.form.denominator,
        "choices": choices,
        "lead": None if lead is None else {**asdict(lead), "first": lead.first.id, "second": lead.second.id},
        "figures": table.to_dicts(),
        "lines": differing_lines(compared).to_dicts(),
    }


def _print(compared: Beside, table: pl.DataFrame) -> None:
    from tallyscope.verification.differences import unequal_stations
    from tallyscope.verification.effect import effect

    out, found = console(), effect(compared)
    out.print(compared.official.election.title, style="bold", markup=False)
    for line in (
        f"{count(found.compared)} of {count(found.protocols)} official protocols have a copy. Nobody drew them at "
        "random: what follows is of these stations and says nothing certain of the others.",
        f"{count(unequal_stations(compared))} of them differ from their copy on at least one line.",
    ):
        out.print(line, markup=False, soft_wrap=True)
    for names, what in (
        (compared.strangers, "copies are of stations that the official table does not have"),
        (compared.without_protocol, "copies are of stations whose official protocol is not in"),
    ):
        if names:
            listed = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
            out.print(f"{count(len(names))} {what}: {listed}", markup=False, soft_wrap=True)
    _print_gains(compared, table)
    _print_effect(compared)


def _print_gains(compared: Beside, table: pl.DataFrame) -> None:
    from rich.table import Table
    from rich.text import Text

    names = {f"{VOTES}{c.id}": c.name for c in compared.official.choices}
    levels = table.columns[: table.columns.index("figure")]
    shown = Table(caption="Sums over the stations where protocol and copy both tell the line.")
    for column in (*levels, "line"):
        shown.add_column(column.replace("_", " "))
    for column in ("compared", "same", "official higher", "official lower", "official", "copies", "difference"):
        shown.add_column(column, justify="right")
    for row in table.iter_rows(named=True):
        places = [Text(str(row[level] or "–")) for level in levels]
        cells = [count(row[c]) for c in ("compared", "same", "higher", "lower", "official", "copy")]
        line = names.get(row["figure"]) or role_title(row["figure"])
        shown.add_row(*places, Text(line), *cells, f"{row['difference']:+,}")
    console().print(shown)


def _print_effect(compared: Beside) -> None:
    from tallyscope.verification.effect import effect

    out, found = console(), effect(compared)
    of = DENOMINATORS[compared.official.election.form.denominator]
    for e in found.choices:
        shares = f"{percent(e.official_share)} by the protocols, {percent(e.copy_share)} by the copies (of {of})"
        line = f"{e.choice.name}: {e.difference:+,} votes in {count(e.stations)} stations; there {shares}"
        out.print(line, markup=False, soft_wrap=True)
    if found.lead is not None:
        out.print(_lead(found.lead), markup=False, soft_wrap=True)


def _lead(lead: Lead) -> str:
    names = f"{lead.first.name} leads {lead.second.name} by {count(lead.votes)} votes in the official table"
    change = f"{count(abs(lead.found))} {'smaller' if lead.found >= 0 else 'larger'}"
    text = f"{names}; by these copies the lead is {change}."
    if lead.needed_each is None or lead.found_each is None:
        return text
    needed = f"every station without a copy would have to be out by {lead.needed_each:,.1f} votes on average"
    return f"{text} For it to be nothing, {needed}; the compared ones are out by {lead.found_each:,.1f}."
