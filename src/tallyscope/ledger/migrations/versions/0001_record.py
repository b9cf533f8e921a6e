"""The record: election, tree, stations, versions with what stands, the Merkle tree, and bulletins.

There is no way back: a record is only added to.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tallyscope.ledger.appendonly import protect

revision = "0001_record"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_SUPERSEDING = sa.text("supersedes IS NOT NULL")
_ANNULLED = sa.text("stage = 'annulled'")


def upgrade() -> None:
    """Makes the tables, and makes the database refuse to overwrite what is a record."""
    _places()
    _versions()
    _tree()
    protected = ("election", "commissions", "stations", "versions", "gaps", "nodes", "bulletins")
    protect(op.get_bind(), *protected)


def _places() -> None:
    op.create_table(
        "election",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "commissions",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("parent", _KEY, sa.ForeignKey("commissions.id")),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.UniqueConstraint("parent", "level", "name", name="one_name_below_a_commission"),
    )
    op.create_table(
        "stations",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("commission", _KEY, sa.ForeignKey("commissions.id"), nullable=False, index=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False, server_default="station"),
        sa.Column("registered_before", sa.BigInteger()),
    )


def _versions() -> None:
    op.create_table(
        "versions",
        sa.Column("number", _KEY, primary_key=True, autoincrement=False),
        sa.Column("station", _KEY, sa.ForeignKey("stations.id"), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("accepted_at", _MOMENT, nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("accepted_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.String(64)),
        sa.Column("supersedes", _KEY, sa.ForeignKey("versions.number")),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_index(
        "superseded_once",
        "versions",
        ["supersedes"],
        unique=True,
        sqlite_where=_SUPERSEDING,
        postgresql_where=_SUPERSEDING,
    )
    op.create_index("versions_of_a_station", "versions", ["station", "source"])
    op.create_index("versions_by_time", "versions", ["accepted_at"])
    op.create_index("annulled_versions", "versions", ["number"], sqlite_where=_ANNULLED, postgresql_where=_ANNULLED)
    op.create_table(
        "gaps",
        sa.Column("version", _KEY, sa.ForeignKey("versions.number"), primary_key=True),
        sa.Column("figure", sa.String(80), primary_key=True),
        sa.Column("reason", sa.String(12), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "standing",
        sa.Column("station", _KEY, sa.ForeignKey("stations.id"), primary_key=True),
        sa.Column("source", sa.String(12), primary_key=True),
        sa.Column("version", _KEY, sa.ForeignKey("versions.number"), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sqlite_with_rowid=False,
    )


def _tree() -> None:
    op.create_table(
        "nodes",
        sa.Column("level", sa.SmallInteger(), primary_key=True),
        sa.Column("index", _KEY, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "head", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("size", _KEY, nullable=False)
    )
    op.create_table(
        "bulletins",
        sa.Column("number", _KEY, primary_key=True, autoincrement=False),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("size", _KEY, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.String(64), nullable=False),
    )
