"""`tallyscope count publish DIR`: the public pages of the newest bulletin as a folder, for any web server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import console, count, fail
from tallyscope.cli.count_common import DatabaseOption, bar, opened

if TYPE_CHECKING:
    from tallyscope.ledger.store import Ledger
    from tallyscope.web.public.export import Export

__all__ = ["publish"]


def publish(
    folder: Annotated[Path, typer.Argument(help="A new folder, or one that was written by this command before.")],
    database: DatabaseOption,
    compress: Annotated[bool, typer.Option("--compress", help="Also write .gz files beside the others.")] = False,
) -> None:
    """Writes the public pages of the newest bulletin; a reader sees the old copy until the new one is whole."""
    from tallyscope.web.public.export import NotOurs
    from tallyscope.web.public.invariants import Inconsistent

    try:
        with opened(database) as ledger:
            done = _export(ledger, folder, compress)
    except Inconsistent as error:
        fail(error.problems)
    except NotOurs as error:
        fail([str(error)])
    except OSError as error:
        fail([f"{folder}: cannot be written: {error.strerror or error}; what stood there is untouched."])
    console().print(
        f"Bulletin {count(done.bulletin)} is in {folder}: {count(done.written)} files written, "
        f"{count(done.kept)} kept, {done.size / 1e6:,.1f} MB.",
        markup=False,
        soft_wrap=True,
    )


def _export(ledger: Ledger, folder: Path, compress: bool) -> Export:
    from tallyscope.web.public.export import publish as export
    from tallyscope.web.public.site import paths
    from tallyscope.web.public.source import LedgerBulletins

    source = LedgerBulletins(ledger)
    number = source.newest()
    if number is None:
        fail(["nothing was published yet: `tallyscope count bulletin` makes the first bulletin."])
    published = source.load(number)
    with bar("files", sum(1 for _ in paths(published))) as shown:
        return export(published, folder, compress=compress, progress=shown)
