"""Entry: sheets, what happened to them, and drafts.

There is no way back: what happened to a sheet is only added to.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tallyscope.ledger.appendonly import protect

revision = "0003_entry"
down_revision = "0002_accounts"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables, and makes the database refuse to overwrite the history of a sheet."""
    op.create_table(
        "sheets",
        sa.Column("station", _KEY, sa.ForeignKey("stations.id"), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(12), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )
    op.create_index("sheets_by_phase", "sheets", ["phase"])
    op.create_table(
        "sheet_events",
        sa.Column("station", _KEY, sa.ForeignKey("stations.id"), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "drafts",
        sa.Column("station", _KEY, sa.ForeignKey("stations.id"), primary_key=True, autoincrement=False),
        sa.Column("person", sa.String(80), primary_key=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", _MOMENT, nullable=False),
    )
    protect(op.get_bind(), "sheet_events")
