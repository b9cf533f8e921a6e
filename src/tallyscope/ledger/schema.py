"""The tables of a count. One database holds one election; only `standing`, `sums` and `head` are ever updated.

    election      one row: which election, its title, the name of its record, when it was opened
    commissions   the tree above the stations, of any depth; the nation is the root
    stations      the stations that are to report
    opened        one row: hashes of these three, as they were when the count was opened (`opened`)
    versions      the record: every accepted version, `leaf` being its canonical JSON
    figures       one row a version, one column a figure, named as in Returns: anyone can sum it with plain SQL
    gaps          why a version has no figure on a line
    standing      the one version that stands, for each station and source
    nodes         the hashes of the full subtrees of the Merkle tree over `versions`: level 1 those of 256 leaves,
                  2 those of 65,536 ... (`core.merkle`); the leaves' own stand in `versions`
    head          one row: how many versions there are; whoever appends holds it
    bulletins     what was published, as it was published
    sums          what the standing figures add up to now, for each commission and source

`figures` and `sums` have the columns of the election's form, so they are made when a count is opened; everything
else is the same in every count and is made by the migrations.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from tallyscope.election.election import Election
from tallyscope.election.roles import ROLES, votes_column

__all__ = [
    "METADATA",
    "Moment",
    "bulletins",
    "commissions",
    "election",
    "figure_columns",
    "figures_table",
    "gaps",
    "head",
    "nodes",
    "opened",
    "standing",
    "stations",
    "sums_table",
    "versions",
]

METADATA = MetaData()


class Moment(TypeDecorator[datetime]):
    """A time in UTC with microseconds; SQLite would drop the zone it was given in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        """The time in UTC. Raises ValueError for one without a zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """The time in UTC, with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: SQLite counts rows by Integer keys alone; PostgreSQL needs the larger type.
Key = BigInteger().with_variant(Integer, "sqlite")

election = Table(
    "election",
    METADATA,
    Column("id", String(80), primary_key=True),
    Column("title", Text, nullable=False),
    #: Name of the record in its checkpoints, a domain and a path by C2SP's convention.
    Column("origin", Text, nullable=False),
    #: The whole Election and its form as canonical JSON, so that a count can be read without the registry.
    Column("definition", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
)
commissions = Table(
    "commissions",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("parent", Key, ForeignKey("commissions.id")),
    Column("level", String(40), nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("parent", "level", "name", name="one_name_below_a_commission"),
)
stations = Table(
    "stations",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("commission", Key, ForeignKey("commissions.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("kind", String(10), nullable=False, server_default="station"),
    Column("registered_before", BigInteger),
)
opened = Table(
    "opened",
    METADATA,
    Column("id", Integer, primary_key=True),
    #: `opened.digests` as canonical JSON. There is no row in a count that an earlier version of the program opened.
    Column("said", Text, nullable=False),
)
_SUPERSEDING = text("supersedes IS NOT NULL")
_ANNULLED = text("stage = 'annulled'")
versions = Table(
    "versions",
    METADATA,
    Column("number", Key, primary_key=True, autoincrement=False),
    Column("station", Key, ForeignKey("stations.id"), nullable=False),
    Column("source", String(12), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("accepted_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", String(64)),
    Column("supersedes", Key, ForeignKey("versions.number")),
    Column("leaf", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary(32), nullable=False),
    # A version is superseded once: two corrections of the same one cannot both be accepted.
    Index("superseded_once", "supersedes", unique=True, sqlite_where=_SUPERSEDING, postgresql_where=_SUPERSEDING),
    Index("versions_of_a_station", "station", "source"),
    # Read whole for the times of a million versions, which lie far apart in the table.
    Index("versions_by_time", "accepted_at"),
    Index("annulled_versions", "number", sqlite_where=_ANNULLED, postgresql_where=_ANNULLED),
)
gaps = Table(
    "gaps",
    METADATA,
    Column("version", Key, ForeignKey("versions.number"), primary_key=True),
    Column("figure", String(80), primary_key=True),
    Column("reason", String(12), nullable=False),
    sqlite_with_rowid=False,
)
standing = Table(
    "standing",
    METADATA,
    Column("station", Key, ForeignKey("stations.id"), primary_key=True),
    Column("source", String(12), primary_key=True),
    Column("version", Key, ForeignKey("versions.number"), nullable=False),
    Column("counted", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
nodes = Table(
    "nodes",
    METADATA,
    Column("level", SmallInteger, primary_key=True),
    Column("index", Key, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)
head = Table(
    "head",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("size", Key, nullable=False),
)
bulletins = Table(
    "bulletins",
    METADATA,
    Column("number", Key, primary_key=True, autoincrement=False),
    Column("published_at", Moment, nullable=False),
    Column("published_by", Text, nullable=False),
    #: Versions 0 ... size - 1 are what it counts.
    Column("size", Key, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    #: The signed note (C2SP checkpoint) over size and root.
    Column("checkpoint", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("body_sha256", String(64), nullable=False),
)


def figure_columns(election: Election) -> tuple[str, ...]:
    """The figures of an election's form, lines in the form's order and then the votes of its choices."""
    lines = tuple(line.role for line in election.form.lines if line.role in ROLES)
    return (*lines, *(votes_column(c.id) for c in election.choices))


def figures_table(election: Election, metadata: MetaData | None = None) -> Table:
    """`figures` of this election: `version` and one nullable column a figure; null is a figure with a gap."""
    columns = [Column(name, BigInteger) for name in figure_columns(election)]
    where = MetaData() if metadata is None else metadata
    return Table("figures", where, Column("version", Key, primary_key=True, autoincrement=False), *columns)


def sums_table(columns: Sequence[str], metadata: MetaData | None = None) -> Table:
    """`sums` of this election: one row a commission and source, one column a part of a tally (`tally.parts`)."""
    where = MetaData() if metadata is None else metadata
    # Sources apart: sums of the official protocols change together, and then lie together.
    keys = (
        Column("source", String(12), primary_key=True),
        Column("commission", Key, primary_key=True, autoincrement=False),
    )
    parts = [Column(name, BigInteger, nullable=False) for name in columns]
    return Table("sums", where, *keys, *parts, sqlite_with_rowid=False)
