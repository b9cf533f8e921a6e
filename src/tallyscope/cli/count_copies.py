"""`tallyscope count copies`: the copies in the record beside the official protocols that stand."""

from __future__ import annotations

from typing import Annotated

import typer

from tallyscope.cli.common import FormatOption, OutputFormat, fail
from tallyscope.cli.copies import ByOption, show_copies
from tallyscope.cli.count_common import DatabaseOption, opened

__all__ = ["copies"]


def copies(
    database: DatabaseOption,
    source: Annotated[str, typer.Option("--source", help="Whose: observer, photo or scanner.")] = "observer",
    by: ByOption = "nation",
    format: FormatOption = OutputFormat.text,
) -> None:
    """Copies beside the official protocols, as both stand: which lines differ, who gains, what it comes to."""
    from tallyscope.ledger.version import SOURCES

    others = [s for s in SOURCES if s != "official"]
    if source not in others:
        fail([f"--source: {source!r} is not one of {', '.join(others)}."])
    with opened(database) as ledger:
        official, sent = ledger.returns(), ledger.returns(source=source)
    if (sent.table["status"] == "empty").all():
        hint = f"`tallyscope count import FILE --source {source} --by NAME` adds them."
        fail([f"the record has no copies of the source {source!r}. {hint}"])
    show_copies(official, sent, by, format)
