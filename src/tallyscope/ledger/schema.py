"""The tables of a count. One database holds one election; nothing here is ever updated but `standing` and `head`.

    election      one row: which election, its title, the name of its record, when it was opened
    commissions   the tree above the stations, of any depth; the nation is the root
    stations      the stations that are to report
    versions      the record: every accepted version, `leaf` being its canonical JSON
    figures       one row a version, one column a figure, named as in Returns: anyone can sum it with plain SQL
    gaps          why a version has no figure on a line
    standing      the one version that stands, for each station and source
    nodes         the hashes of the full subtrees of the Merkle tree over `versions`
    head          one row: how many versions there are; whoever appends holds it
    bulletins     what was published, as it was published

`figures` has the columns of the election's form, so it is made when a count is opened; everything else is the same
in every count and is made by the migrations.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from tallyscope.election.election import Election
from tallyscope.election.roles import ROLES, votes_column

__all__ = [
    "METADATA",
    "bulletins",
    "commissions",
    "election",
    "figure_columns",
    "figures_table",
    "gaps",
    "head",
    "nodes",
    "standing",
    "stations",
    "versions",
]

METADATA = MetaData()
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
    Column("opened_at", DateTime(timezone=True), nullable=False),
)
commissions = Table(
    "commissions",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("parent", Key, ForeignKey("commissions.id")),
    Column("level", String(40), nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("parent", "name", name="one_name_below_a_commission"),
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
versions = Table(
    "versions",
    METADATA,
    Column("number", Key, primary_key=True, autoincrement=False),
    Column("station", Key, ForeignKey("stations.id"), nullable=False),
    Column("source", String(12), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("accepted_at", DateTime(timezone=True), nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("accepted_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", String(64)),
    Column("supersedes", Key, ForeignKey("versions.number")),
    Column("leaf", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary(32), nullable=False),
    # A version is superseded once: two corrections of the same one cannot both be accepted.
    Index("superseded_once", "supersedes", unique=True),
    Index("versions_of_a_station", "station", "source"),
)
gaps = Table(
    "gaps",
    METADATA,
    Column("version", Key, ForeignKey("versions.number"), primary_key=True),
    Column("figure", String(80), primary_key=True),
    Column("reason", String(12), nullable=False),
)
standing = Table(
    "standing",
    METADATA,
    Column("station", Key, ForeignKey("stations.id"), primary_key=True),
    Column("source", String(12), primary_key=True),
    Column("version", Key, ForeignKey("versions.number"), nullable=False, unique=True),
    Column("counted", Boolean, nullable=False),
)
nodes = Table(
    "nodes",
    METADATA,
    Column("level", SmallInteger, primary_key=True),
    Column("index", Key, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
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
    Column("published_at", DateTime(timezone=True), nullable=False),
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
