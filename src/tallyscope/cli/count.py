"""`tallyscope count`: a live count, from the list of stations to the protocols that stand."""

from __future__ import annotations

import typer

from tallyscope.cli import (
    count_audit,
    count_bulletin,
    count_copies,
    count_diff,
    count_import,
    count_key,
    count_open,
    count_person,
    count_publish,
    count_replay,
    count_summary,
    count_token,
    count_verify,
)

__all__ = ["app"]

app = typer.Typer(
    help="A live count: stations, protocols, summary tables, bulletins, proofs, rehearsals.", no_args_is_help=True
)
app.command("init")(count_open.init)
app.command("status")(count_open.status)
app.command("import")(count_import.import_)
app.command("copies")(count_copies.copies)
app.command("summary")(count_summary.summary)
app.command("key")(count_key.key)
app.command("bulletin")(count_bulletin.bulletin)
app.command("bulletins")(count_bulletin.bulletins)
app.command("diff")(count_diff.diff)
app.command("verify")(count_verify.verify)
app.command("prove")(count_verify.prove)
app.command("export")(count_verify.export)
app.command("publish")(count_publish.publish)
app.command("replay")(count_replay.replay)
app.command("audit")(count_audit.audit)
app.add_typer(count_person.app, name="person")
app.add_typer(count_token.app, name="token")
