"""`--arrived-in FILE@TIME`: earlier states of the count say when each protocol came in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import fail

if TYPE_CHECKING:
    from tallyscope.returns.table import Returns

__all__ = ["ArrivedIn", "with_arrivals"]

ArrivedIn = Annotated[
    list[str] | None,
    typer.Option(
        "--arrived-in",
        metavar="FILE@TIME",
        help="An earlier state of the same count, and when it was saved (2019-10-20T19:40-04:00; UTC without an "
        "offset): stations arrived by the first they are in. May be repeated.",
    ),
]


def with_arrivals(final: Returns, given: Sequence[str] | None, read: Callable[[Path], Returns]) -> Returns:
    """The returns with the times at which their protocols came in; as they are where no state was given.

    `read`: reads one file as the command's own files were read. Ends with exit code 2 where that is not possible.
    """
    if not given:
        return final
    from tallyscope.returns.arrivals import SnapshotError, arrived_from_snapshots

    problems, named = [], []
    for text in given:
        path, _, time = text.rpartition("@")
        try:
            named.append((datetime.fromisoformat(time), Path(path)))
        except ValueError:
            problems.append(f"--arrived-in {text!r} is not FILE@TIME; write count.csv@2030-05-05T22:00-04:00")
        else:
            if not path:
                problems.append(f"--arrived-in {text!r} names no file; write count.csv@2030-05-05T22:00-04:00")
    if problems:
        fail(problems)
    try:
        return arrived_from_snapshots(final, [(time, read(path)) for time, path in named])
    except SnapshotError as error:
        fail([str(error)])
