"""`tallyscope count bulletin` and `count bulletins`: publishes the count as it stands; lists what was published."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import FormatOption, OutputFormat, console, count, percent, print_json
from tallyscope.cli.count_common import DatabaseOption, opened
from tallyscope.cli.count_key import KeyOption, signer_of

if TYPE_CHECKING:
    from tallyscope.ledger.bulletins import Bulletin

__all__ = ["bulletin", "bulletins"]


def bulletin(
    database: DatabaseOption,
    key: KeyOption,
    by: Annotated[str, typer.Option("--by", help="Who publishes it, as the bulletin says.")],
    format: FormatOption = OutputFormat.text,
) -> None:
    """Publishes a bulletin: counted by two ways, signed, numbered, and never changed again."""
    signer = signer_of(key)
    with opened(database) as ledger:
        from tallyscope.ledger.bulletins import publish

        _show(publish(ledger, signer, by=by), format)


def bulletins(
    database: DatabaseOption,
    number: Annotated[int | None, typer.Argument(help="The bulletin to print; a list of all unless given.")] = None,
    format: FormatOption = OutputFormat.text,
) -> None:
    """Lists what was published, or prints one bulletin."""
    with opened(database) as ledger:
        from tallyscope.ledger import bulletins as published

        if number is not None:
            _show(published.bulletin(ledger, number), format)
            return
        found = published.bulletins(ledger)
    heads = [_head(b) for b in found]
    if format is OutputFormat.json:
        print_json(heads)
    elif format is OutputFormat.csv:
        import polars as pl

        from tallyscope.returns.writers import neutralised

        sys.stdout.write(neutralised(pl.DataFrame(heads)).write_csv())
    else:
        _list(heads)


def _head(b: Bulletin) -> dict[str, object]:
    return {
        "number": b.number,
        "published_at": b.body["published_at"],
        "published_by": b.published_by,
        "processed": b.processed,
        "of": b.of,
        "corrections": len(b.body["corrections"]),
        "size": b.size,
        "root": b.root,
    }


def _show(found: Bulletin, format: OutputFormat) -> None:
    from tallyscope.cli.count_bulletin_print import bulletin_frame, print_bulletin

    if format is OutputFormat.json:
        print_json({**found.body, "checkpoint": found.checkpoint})
    elif format is OutputFormat.csv:
        from tallyscope.returns.writers import neutralised

        sys.stdout.write(neutralised(bulletin_frame(found)).write_csv())
    else:
        print_bulletin(found)


def _list(heads: list[dict[str, object]]) -> None:
    from rich.table import Table
    from rich.text import Text

    out = console()
    if not heads:
        out.print("Nothing was published yet: `tallyscope count bulletin` does.", markup=False)
        return
    table = Table()
    for name in ("number", "time (UTC)", "protocols", "processed", "corrections", "root"):
        table.add_column(name, justify="left" if name in ("time (UTC)", "root") else "right")
    for head in heads:
        done, of = int(str(head["processed"])), int(str(head["of"]))
        table.add_row(
            count(int(str(head["number"]))),
            Text(str(head["published_at"])[:19].replace("T", " ")),
            f"{count(done)} of {count(of)}",
            percent(100 * done / of if of else None),
            count(int(str(head["corrections"]))),
            Text(f"{str(head['root'])[:16]}…"),
        )
    out.print(table)
