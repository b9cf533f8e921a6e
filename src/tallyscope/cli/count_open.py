"""`tallyscope count init` and `count status`: a count is opened with its stations, and says how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import (
    DropTotals,
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
)
from tallyscope.cli.count_common import DatabaseOption, OriginOption, database_url, opened, store, told

if TYPE_CHECKING:
    import polars as pl

    from tallyscope.election.election import Election

__all__ = ["init", "status"]

_ORIGIN = "tallyscope.example/count"
_Stations = Annotated[
    Path | None,
    typer.Option("--stations", help="List of stations (CSV: commissions, station, kind, registered_before)."),
]


def init(
    database: DatabaseOption,
    files: Annotated[list[Path] | None, typer.Argument(help="Results files whose stations are to report.")] = None,
    stations: _Stations = None,
    origin: OriginOption = _ORIGIN,
    mapping: MappingOption = None,
    election: ElectionOption = None,
    drop_totals: DropTotals = False,
) -> None:
    """Opens a count: its election and its stations. No figure of a results file goes into it."""
    if files and stations is not None:
        fail(["--stations: the results files list the stations; leave out one of the two."])
    if files:
        from tallyscope.ledger.protocols import stations_of

        returns = read_files(files, mapping=mapping, election=election, drop_totals=drop_totals)
        of, table = returns.election, stations_of(returns)
    else:
        of, table = _listed(stations, election)
    _create(database, of, table, origin)


def _listed(stations: Path | None, election: str | None) -> tuple[Election, pl.DataFrame]:
    from tallyscope.election.load import UnknownElection, load_election
    from tallyscope.ledger.station_list import read_stations
    from tallyscope.returns.problems import ReadError

    if stations is None or election is None:
        fail(
            [
                "a count is opened with results files, whose stations it takes, "
                "or with --stations LIST and --election ID of the registry."
            ]
        )
    try:
        known = load_election(election)
        return known, read_stations(stations, known.form)
    except UnknownElection as error:
        fail([str(error)])
    except ReadError as error:
        fail(error.problems)


def _create(database: str, election: Election, stations: pl.DataFrame, origin: str) -> None:
    with told(), store().Ledger.create(database_url(database), election, stations, origin=origin):
        out = console()
        out.print(election.title, style="bold", markup=False)
        out.print(f"A count of {count(stations.height)} stations is open in {database}.", markup=False)


def status(database: DatabaseOption, format: FormatOption = OutputFormat.text) -> None:
    """Says how far the count is: protocols, versions, corrections, the last bulletin."""
    from tallyscope.tally import progress

    with opened(database) as ledger:
        from tallyscope.ledger.bulletins import newest

        last = newest(ledger)
        done = progress(ledger.returns())
        facts = {
            "election": ledger.election.id,
            "processed": done.processed,
            "of": done.of,
            "percent": done.percent,
            "versions": ledger.size,
            "bulletin": last,
        }
    if format is OutputFormat.json:
        print_json(facts)
    elif format is OutputFormat.csv:
        fail(["the status is for people (--format text) or for programs (--format json); there is no CSV of it"])
    else:
        out = console()
        out.print(ledger.election.title, style="bold", markup=False)
        out.print(f"{count(done.processed)} of {count(done.of)} protocols ({percent(done.percent)})", markup=False)
        out.print(f"{count(facts['versions'])} versions in the record", markup=False)
        out.print("No bulletin yet" if last is None else f"The last bulletin: {last}", markup=False)
