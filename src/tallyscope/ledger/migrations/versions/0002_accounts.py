"""Accounts: persons and their roles, links, sessions, tokens, attempts to sign in, the audit trail, API answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tallyscope.ledger.appendonly import protect

revision = "0002_accounts"
down_revision = "0001_record"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables, and makes the database refuse to change what the audit trail says."""
    _persons()
    _entrances()
    _trail()
    protect(op.get_bind(), "audit")


def _persons() -> None:
    op.create_table(
        "persons",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("login", sa.String(80), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("commission", _KEY, sa.ForeignKey("commissions.id"), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "grants",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("person", _KEY, sa.ForeignKey("persons.id"), nullable=False, index=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("commission", _KEY, sa.ForeignKey("commissions.id"), nullable=False),
        sa.Column("given_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
    )
    op.create_table(
        "links",
        sa.Column("hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("person", _KEY, sa.ForeignKey("persons.id"), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
    )


def _entrances() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("person", _KEY, sa.ForeignKey("persons.id"), nullable=False, index=True),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
    )
    op.create_table(
        "tokens",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person", _KEY, sa.ForeignKey("persons.id"), nullable=False),
        sa.Column("commission", _KEY, sa.ForeignKey("commissions.id"), nullable=False),
        sa.Column("scopes", sa.String(120), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
        sa.Column("revoked_at", _MOMENT),
    )
    op.create_table(
        "attempts",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column("account", sa.LargeBinary(32), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
    )
    op.create_index("attempts_on_an_account", "attempts", ["account", "at"])
    op.create_index("attempts_from_an_address", "attempts", ["address", "at"])


def _trail() -> None:
    op.create_table(
        "audit",
        sa.Column("number", _KEY, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("commission", _KEY),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("seal", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("audit_of_an_actor", "audit", ["actor", "number"])
    op.create_index("audit_of_an_action", "audit", ["action", "number"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("size", _KEY, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "size": 0, "hash": bytes(32)}])
    op.create_table(
        "idempotency",
        sa.Column("token", _KEY, sa.ForeignKey("tokens.id"), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("request", sa.LargeBinary(32), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", sa.Text()),
    )
