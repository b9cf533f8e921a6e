"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from tallyscope.cli import (
    calibrate,
    check,
    claims,
    copies,
    count,
    data,
    demo,
    dossier,
    examine,
    inspect,
    methods,
    schema,
    serve,
    simulate,
    tally,
)
from tallyscope.version import __version__

__all__ = ["app"]

app = typer.Typer(
    name="tallyscope",
    help="What was counted, whether every protocol holds together, and what the result carries the fingerprint of.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"tallyscope {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Measures elections; accuses nobody."""


app.command("examine")(examine.examine)
app.command("tally")(tally.tally)
app.command("check")(check.check)
app.command("claims")(claims.claims)
app.command("copies")(copies.copies)
app.command("inspect")(inspect.inspect)
app.command("dossier")(dossier.dossier)
app.command("demo")(demo.demo)
app.command("methods")(methods.methods)
app.command("simulate")(simulate.simulate)
app.command("calibrate")(calibrate.calibrate)
app.command("schema")(schema.schema)
app.command("serve")(serve.serve)
app.add_typer(count.app, name="count")
app.add_typer(data.app, name="data")
