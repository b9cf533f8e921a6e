"""`tallyscope count`: a live count, from the list of stations to the protocols that stand."""

from __future__ import annotations

import typer

from tallyscope.cli import count_import, count_open, count_replay, count_summary

__all__ = ["app"]

app = typer.Typer(help="A live count: stations, protocols, summary tables, rehearsals.", no_args_is_help=True)
app.command("init")(count_open.init)
app.command("status")(count_open.status)
app.command("import")(count_import.import_)
app.command("summary")(count_summary.summary)
app.command("replay")(count_replay.replay)
