"""What a count was opened with, written down then; a count that was opened before this has it in bulletin 1 alone.

There is no way back: a record is only added to.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tallyscope.ledger.appendonly import protect

revision = "0004_opened"
down_revision = "0003_entry"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table, and makes the database refuse to overwrite it."""
    op.create_table(
        "opened",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("said", sa.Text(), nullable=False),
    )
    protect(op.get_bind(), "opened")
