"""The record of a count: opened once, added to, and read as it stands or as it stood.

    with Ledger.create("sqlite:///count.db", election, stations, origin="example.org/count") as ledger:
        ledger.accept([version])            # durable when it returns; all of them or none
        ledger.returns()                    # the one table, as the count stands
        ledger.returns(as_of=41_000)        # as it stood after so many versions
        ledger.tally("region")              # sums of the standing protocols, in milliseconds

Whoever keeps the same database open at the same time, in this process or in another, sees the same record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import polars as pl
from sqlalchemy import Engine

from tallyscope.election.election import Election
from tallyscope.ledger.appending import append
from tallyscope.ledger.core import merkle
from tallyscope.ledger.database import connect, file_of, parsed, reading, shown, writing
from tallyscope.ledger.errors import Refused, Unavailable
from tallyscope.ledger.history import history
from tallyscope.ledger.opening import bring_up, open_count, outdated, read_count
from tallyscope.ledger.reading import returns_of, size_at
from tallyscope.ledger.record import Record
from tallyscope.ledger.sums import live_tally, regular
from tallyscope.ledger.tree import Inclusion, inclusion_of, tiles
from tallyscope.ledger.version import Source, Version
from tallyscope.returns.table import Returns
from tallyscope.tally import tally

__all__ = ["Ledger", "Refused", "Unavailable"]


class Ledger:
    """A count that is open. Every method raises Unavailable if its database cannot be reached or written."""

    def __init__(self, engine: Engine, record: Record) -> None:
        """For `create` and `open`."""
        self.engine = engine
        self.record = record

    @classmethod
    def create(
        cls, url: str, election: Election, stations: pl.DataFrame, *, origin: str = "tallyscope.example/count"
    ) -> Self:
        """Opens a count in a database that has none. `stations`: levels, `station`, `kind`, `registered_before`.

        Raises Refused with every problem of the list, or if there is a count already.
        """
        where = parsed(url)
        file = file_of(where)
        made = file is not None and not file.exists()
        engine = connect(where)
        try:
            with writing(engine) as connection:
                open_count(connection, election, stations, origin)
        except BaseException:
            engine.dispose()
            if file is not None and made:
                for ending in ("", "-wal", "-shm"):
                    file.with_name(file.name + ending).unlink(missing_ok=True)
            raise
        engine.dispose()
        return cls.open(url)

    @classmethod
    def open(cls, url: str) -> Self:
        """Opens the count that is in a database. Raises Unavailable if there is none."""
        where = parsed(url)
        file = file_of(where)
        if file is not None and not file.is_file():
            raise Unavailable(f"{file}: there is no such database; `tallyscope count init` opens a count.")
        engine = connect(where)
        try:
            with reading(engine) as connection:
                behind = outdated(connection)
            if behind:
                with writing(engine) as connection:
                    bring_up(connection)
            with reading(engine) as connection:
                record = read_count(connection)
        except Unavailable as error:
            engine.dispose()
            raise Unavailable(f"{shown(where)}: {error}") from error
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, record)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes every connection to the database."""
        self.engine.dispose()

    @property
    def election(self) -> Election:
        """The election that is counted, as it was when the count was opened."""
        return self.record.election

    @property
    def origin(self) -> str:
        """The name of the record in its checkpoints."""
        return self.record.origin

    @property
    def size(self) -> int:
        """How many versions the record has."""
        with reading(self.engine) as connection:
            return size_at(connection, None)

    def accept(self, versions: Sequence[Version], *, at: datetime | None = None) -> list[Version]:
        """Accepts versions in one transaction, all or none; on the disk when it returns. Returns them numbered.

        `at`: the time they carry, now unless given; times never go back. Raises Refused with every problem.
        """
        if not versions:
            return []
        with writing(self.engine) as connection:
            return append(connection, self.record, versions, at)

    def returns(self, *, as_of: int | datetime | None = None, source: Source = "official") -> Returns:
        """The returns as they stand, or as they stood after so many versions or at a time; one row a station."""
        with reading(self.engine) as connection:
            return returns_of(connection, self.record, size_at(connection, as_of), source)

    def tally(
        self, by: str = "nation", *, as_of: int | datetime | None = None, source: Source = "official"
    ) -> pl.DataFrame:
        """The tally of the returns by a level, as `tally.tally` has it; of the present from sums that are kept."""
        if as_of is None and by.strip().casefold() not in ("station", "stations"):
            with reading(self.engine) as connection:
                if regular(connection, self.record):
                    return live_tally(connection, self.record, by, source)
        return tally(self.returns(as_of=as_of, source=source), by)

    def versions(
        self, *, station: str | None = None, source: Source | None = None, start: int = 0, stop: int | None = None
    ) -> Iterator[Version]:
        """Versions `start` ... `stop` - 1 in the order of the record, of a station (its key) or source if given."""
        end = self.size if stop is None else stop
        return history(self.engine, station=station, source=source, start=start, stop=end)

    def version(self, number: int) -> Version:
        """One version. Raises LookupError if the record does not have it."""
        for version in self.versions(start=number, stop=number + 1):
            return version
        raise LookupError(f"the record has no version {number:,}")

    def history(self, station: str, *, source: Source | None = None) -> list[Version]:
        """Every version of a station, the first one first."""
        return list(self.versions(station=station, source=source))

    def root(self, size: int | None = None) -> bytes:
        """The Merkle root of the whole record, or of its first `size` versions; 32 bytes."""
        with reading(self.engine) as connection:
            return merkle.root(tiles(connection), size_at(connection, size))

    def prove(self, number: int, size: int | None = None) -> Inclusion:
        """The proof that a version is in the record (of `size` versions). Raises ValueError if it is not."""
        with reading(self.engine) as connection:
            return inclusion_of(connection, number, size_at(connection, size))

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """The proof that the record of `old` versions is the beginning of the one of `new` (RFC 6962, 2.1.2)."""
        with reading(self.engine) as connection:
            return merkle.consistency(tiles(connection), old, size_at(connection, new))
