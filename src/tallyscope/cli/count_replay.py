"""`tallyscope count replay FILE`: a past election played as a night, through the record and its bulletins."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import (
    DropTotals,
    ElectionOption,
    Files,
    FormatOption,
    MappingOption,
    OutputFormat,
    console,
    fail,
    print_json,
    read_files,
    warn_of_notices,
)
from tallyscope.cli.count_bulletin_print import print_bulletin
from tallyscope.cli.count_common import bar, database_url, store, told
from tallyscope.cli.count_key import signer_of
from tallyscope.cli.count_print import official_frame, print_official, state_frame, state_json
from tallyscope.cli.snapshots import ArrivedIn, with_arrivals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from tallyscope.ledger.bulletins import Bulletin
    from tallyscope.ledger.note import Signer
    from tallyscope.ledger.rehearsal import Rehearsal
    from tallyscope.returns.table import Returns

__all__ = ["replay"]

_ORIGIN = "tallyscope.example/replay"
_Order = Annotated[str, typer.Option("--order", help="region, tik, time, random or small-first.")]
_At = Annotated[list[str] | None, typer.Option("--at", help="A bulletin at this percentage; may be repeated.")]
_Corrections = Annotated[
    float,
    typer.Option("--corrections", help="Share of protocols that come in with an error first, corrected later."),
]
_Key = Annotated[
    Path | None,
    typer.Option(
        "--key", envvar="TALLYSCOPE_KEY", help="Signs the bulletins; one for this night alone unless given."
    ),
]
_Database = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="URL", help="A new database to keep the night in; thrown away unless given."
    ),
]


def replay(
    files: Files,
    order: _Order = "random",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, another night.")] = 1,
    bulletins: Annotated[int | None, typer.Option("--bulletins", min=1, help="So many, in equal parts.")] = None,
    every: Annotated[int | None, typer.Option("--every", min=1, help="One after every so many protocols.")] = None,
    minutes: Annotated[
        int | None, typer.Option("--minutes", min=1, help="One every so many simulated ones.")
    ] = None,
    at: _At = None,
    speed: Annotated[float | None, typer.Option("--speed", help="Protocols a second; as fast as possible.")] = None,
    corrections: _Corrections = 0.0,
    database: _Database = None,
    key: _Key = None,
    format: FormatOption = OutputFormat.text,
    mapping: MappingOption = None,
    election: ElectionOption = None,
    drop_totals: DropTotals = False,
    arrived_in: ArrivedIn = None,
) -> None:
    """Plays a past election as a night, publishes bulletins, and ends with the official result beside the last."""

    def read(paths: list[Path]) -> Returns:
        return read_files(paths, mapping=mapping, election=election, drop_totals=drop_totals)

    if speed is not None and speed <= 0:
        fail([f"--speed: {speed:g} protocols a second would never end."])
    returns = with_arrivals(read(files), arrived_in, lambda path: read([path]))
    rehearsal = _rehearsed(returns, order, seed, corrections)
    moments = _moments(rehearsal, bulletins, every, minutes, at or [])
    if format is OutputFormat.text:
        warn_of_notices(returns)
    signer = _signer(key, database)
    states: list[tuple[datetime, Returns]] = []
    for bulletin, state in _played(rehearsal, moments, speed, database, signer):
        if format is OutputFormat.text:
            print_bulletin(bulletin, "by the file" if order == "time" else "simulated")
            states.clear()
        states.append((bulletin.published_at, state()))
    _end(states, format)


def _signer(key: Path | None, database: str | None) -> Signer:
    """The key that was given, or one for this night alone; what checks it is told if the night is kept."""
    from tallyscope.ledger.note import new_signer

    if key is not None:
        return signer_of(key)
    made = new_signer(_ORIGIN)
    if database is not None:
        text = f"Signed with a key for this night alone; what checks it: {made.verifier}"
        console(stderr=True).print(text, markup=False, soft_wrap=True)
    return made


def _rehearsed(returns: Returns, order: str, seed: int, corrections: float) -> Rehearsal:
    from tallyscope.ledger.rehearsal import rehearse

    try:
        return rehearse(returns, order, seed=seed, corrections=corrections)
    except ValueError as error:
        fail([f"{error}."])


def _moments(
    rehearsal: Rehearsal, bulletins: int | None, every: int | None, minutes: int | None, at: list[str]
) -> npt.NDArray[np.int64]:
    from tallyscope.ledger.replay import due
    from tallyscope.tally import progress

    first = ~rehearsal.night.corrects
    try:
        return due(
            rehearsal.protocols,
            of=progress(rehearsal.returns).of,
            bulletins=bulletins,
            every=every,
            at=at,
            seconds=rehearsal.seconds[first],
            each=None if minutes is None else timedelta(minutes=minutes),
        )
    except ValueError as error:
        fail([f"{error}."])


def _played(
    rehearsal: Rehearsal,
    moments: npt.NDArray[np.int64],
    speed: float | None,
    database: str | None,
    signer: Signer,
) -> Iterator[tuple[Bulletin, Callable[[], Returns]]]:
    """Plays the night through the record: after every moment its bulletin, and what gives the count as it stood."""
    from tallyscope.ledger.bulletins import publish
    from tallyscope.ledger.night import play
    from tallyscope.ledger.protocols import stations_of

    returns = rehearsal.returns
    stations, events = stations_of(returns), rehearsal.night.protocol.size
    with (
        _place(database) as url,
        told(),
        store().Ledger.create(url, returns.election, stations, origin=signer.name) as ledger,
        bar("protocols", events) as shown,
    ):
        for _, moment in play(ledger, rehearsal, moments, speed=speed, progress=shown):
            bulletin = publish(ledger, signer, by="replay", at=moment)
            yield bulletin, partial(ledger.returns, as_of=bulletin.size)


@contextmanager
def _place(database: str | None) -> Iterator[str]:
    """The database that was asked for, or one that is thrown away."""
    if database is not None:
        yield database_url(database)
        return
    with tempfile.TemporaryDirectory(prefix="tallyscope-replay-") as folder:
        yield f"sqlite:///{folder}/night.db"


def _end(states: list[tuple[datetime, Returns]], format: OutputFormat) -> None:
    final = states[-1][1]
    if format is OutputFormat.text:
        print_official(final)
    elif format is OutputFormat.json:
        told = [{"bulletin": i, "at": at.isoformat(), **state_json(r)} for i, (at, r) in enumerate(states, 1)]
        beside = official_frame(final).to_dicts()
        print_json({"election": final.election.id, "bulletins": told, "official": beside})
    else:
        sys.stdout.write(_frame(states).write_csv())


def _frame(states: list[tuple[datetime, Returns]]) -> pl.DataFrame:
    import polars as pl

    from tallyscope.returns.writers import neutralised

    parts = [
        state_frame(r).select(pl.lit(i).alias("bulletin"), pl.lit(at.isoformat()).alias("at"), pl.all())
        for i, (at, r) in enumerate(states, 1)
    ]
    return neutralised(pl.concat(parts))
