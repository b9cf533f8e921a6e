"""What the commands of the live count share: which database, opening it, and what to say when it cannot be."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallyscope.cli.common import console, fail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["DatabaseOption", "OriginOption", "bar", "database_url", "opened", "store", "told"]

DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database",
        envvar="TALLYSCOPE_DATABASE",
        help="A file, sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
        metavar="URL",
    ),
]
OriginOption = Annotated[
    str, typer.Option("--origin", help="Name of the record in its checkpoints, by custom DOMAIN/PATH.")
]


def database_url(text: str) -> str:
    """The URL of a database; a plain path is a SQLite file."""
    return text if "://" in text else f"sqlite:///{text}"


def store() -> Any:
    """The module of the record's store, loaded when a command needs it."""
    return import_module("tallyscope.ledger.store")


@contextmanager
def told() -> Iterator[None]:
    """Ends with exit code 2 and every reason when the record refuses something or cannot be reached."""
    module = store()
    try:
        yield
    except module.Refused as error:
        fail(error.problems)
    except module.Unavailable as error:
        fail([str(error)])


@contextmanager
def opened(database: str) -> Iterator[Any]:
    """The Ledger in a database; ends with exit code 2 and a clear word if there is none or it fails."""
    with told(), store().Ledger.open(database_url(database)) as ledger:
        yield ledger


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, gone when it is done; the callable takes how many more are done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=total)
        yield lambda more: shown.advance(task, more)
