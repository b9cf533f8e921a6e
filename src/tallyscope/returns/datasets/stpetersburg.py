"""St Petersburg 2021 out of its flattened tables: one row a station, of the federal party ballot.

`protocols.csv.gz` has the lines of every protocol, the machine flag and the time at which the commission's system
printed it; `party_votes.csv.gz` one row a station and party; `turnout_by_hour.csv.gz` one row a station and hour,
counts that run on over the three days of voting. The wide table has the headers of the form `ru-duma-2021`.

Voters added are the source's difference of the list after and before voting. Where the list did not change it has
none, and zero is written; where the list became shorter they are not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tallyscope.returns.datasets.transport import FetchError
from tallyscope.returns.datasets.ysk import write_csv_gz

if TYPE_CHECKING:
    import polars as pl

    from tallyscope.returns.table import Returns

__all__ = ["FILES", "make", "returns", "station_table"]

FILES = ("protocols.csv.gz", "party_votes.csv.gz", "turnout_by_hour.csv.gz")
#: Column of the source -> line of the form, or another column of the same name.
LINES: Mapping[str, str] = {
    "registered_count": "registered",
    "received_count": "ballots_received",
    "ahead_of_time_count": "issued_early",
    "walk_by_count": "issued_in_station",
    "on_home_count": "issued_outside",
    "destroyed_count": "cancelled",
    "portable_box_count": "portable",
    "stationary_box_count": "stationary",
    "invalid_count": "invalid",
    "valid_count": "valid",
    "lost_count": "ballots_lost",
    "ignored_count": "ballots_unaccounted",
    "initially_registered_count": "registered_before",
    "added_count": "added",
    "attached_count": "attached",
    "detached_count": "detached",
}
#: Day and hour of the source -> role.
HOURS: Mapping[tuple[str, str], str] = {
    ("17.09.2021", "15.00"): "first_day_15",
    ("17.09.2021", "20.00"): "first_day_20",
    ("18.09.2021", "15.00"): "second_day_15",
    ("18.09.2021", "20.00"): "second_day_20",
    **{("19.09.2021", f"{hour}.00"): f"voted_by_{hour}" for hour in (10, 12, 15, 18, 20)},
}
_KEYS = ("district", "tik", "uik", "has_koib", "protocol_generated_utc")


def station_table(folder: Path) -> pl.DataFrame:
    """One row a station, in the order of the source: its place, attributes, lines, turnout by hour, votes by party.

    Raises FetchError where a file or a column is missing.
    """
    import polars as pl

    try:
        protocols, votes, turnout = (_federal(folder / name) for name in FILES)
        lines = [pl.col(old).cast(pl.Float64).cast(pl.Int64).alias(new) for old, new in LINES.items()]
        table = protocols.select(*_KEYS, *lines).with_columns(_added())
        hours = turnout.select("uik", _hour(), pl.col("count").cast(pl.Float64).cast(pl.Int64))
        hours = hours.pivot("hour", index="uik", values="count")
        votes = votes.sort(pl.col("position").cast(pl.Int64), maintain_order=True)
        parties = votes.with_columns(pl.col("votes").cast(pl.Int64)).pivot("name", index="uik", values="votes")
    except (OSError, pl.exceptions.PolarsError) as error:
        raise FetchError(f"{folder} does not hold {', '.join(FILES)} as expected: {error}") from error
    table = table.join(hours, on="uik", how="left", maintain_order="left")
    table = table.join(parties, on="uik", how="left", maintain_order="left")
    return table.select(*_KEYS, *LINES.values(), *HOURS.values(), *parties.columns[1:])


def make(folder: Path, to: Path) -> None:
    """Writes the table to `to`, a gzipped CSV that every command reads. Raises FetchError."""
    write_csv_gz(station_table(folder), to)


def returns(folder: Path) -> Returns:
    """The Returns of the federal party ballot. Raises FetchError."""
    import tempfile

    from tallyscope.returns.reading.read import read

    with tempfile.TemporaryDirectory() as temporary:
        make(folder, path := Path(temporary) / "stations.csv.gz")
        return read(path, election="RU-DUMA-2021-SPB")


def _federal(path: Path) -> pl.DataFrame:
    """The rows of the federal party ballot; every cell is text."""
    import polars as pl

    table = pl.read_csv(path, infer_schema_length=0)
    return table.filter(pl.col("level") == "federal", pl.col("ballot") == "parties")


def _added() -> pl.Expr:
    import polars as pl

    unchanged = pl.col("registered") == pl.col("registered_before")
    return pl.when(pl.col("added").is_null() & unchanged).then(0).otherwise(pl.col("added")).alias("added")


def _hour() -> pl.Expr:
    import polars as pl

    names = {f"{day} {time}": role for (day, time), role in HOURS.items()}
    return pl.concat_str("day", "time", separator=" ").replace_strict(names, default=None).alias("hour")
