"""What a verification finds: where the database is not what was accepted or published."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Fault"]


@dataclass(frozen=True)
class Fault:
    """Damage that was found. `version`, `station`: whose, where it is of one; `column`: of the table."""

    table: str
    column: str
    text: str
    version: int | None = None
    station: str | None = None

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}"
        if self.version is not None:
            where += f", version {self.version:,}"
        if self.station is not None:
            where += f", station {self.station!r}"
        return f"{where}: {self.text}"
