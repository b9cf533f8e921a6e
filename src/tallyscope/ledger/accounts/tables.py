"""The tables of accounts, made by the migration `0002_accounts`.

persons      who may sign in; never deleted, only locked, because the record names them
grants       a role at a commission, from when and until when
links        one-time links to set a first or a forgotten password
sessions     who is signed in; the browser holds the secret, the table its SHA-256
tokens       machines; the table holds the SHA-256 of each
attempts     attempts to sign in, what rate limits are counted from
audit        every action, append-only and chained
audit_head   one row: how long the chain is and its last hash; whoever appends holds it
idempotency  what the API answered to a key, so that a repeated request is not done twice
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table
from sqlalchemy import Text as Words

from tallyscope.ledger.schema import METADATA, Key, Moment

__all__ = [
    "TABLES",
    "attempts",
    "audit",
    "audit_head",
    "grants",
    "idempotency",
    "links",
    "persons",
    "sessions",
    "tokens",
]

persons = Table(
    "persons",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("login", String(80), nullable=False, unique=True),
    Column("name", Words, nullable=False),
    #: The commission that looks after the account: administrators of it and above it may change it.
    Column("commission", Key, ForeignKey("commissions.id"), nullable=False),
    #: Argon2 in its own notation, parameters included; null until the person has set one.
    Column("password", Words),
    Column("locked", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)
grants = Table(
    "grants",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("person", Key, ForeignKey("persons.id"), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("commission", Key, ForeignKey("commissions.id"), nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("ended_at", Moment),
)
links = Table(
    "links",
    METADATA,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("person", Key, ForeignKey("persons.id"), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)
sessions = Table(
    "sessions",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("person", Key, ForeignKey("persons.id"), nullable=False, index=True),
    #: The synchroniser token that every form of this session carries.
    Column("csrf", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ended_at", Moment),
)
tokens = Table(
    "tokens",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("name", Words, nullable=False),
    Column("person", Key, ForeignKey("persons.id"), nullable=False),
    Column("commission", Key, ForeignKey("commissions.id"), nullable=False),
    #: Actions, separated by a space.
    Column("scopes", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
)
attempts = Table(
    "attempts",
    METADATA,
    Column("id", Key, primary_key=True),
    #: SHA-256 of what was typed as the login: somebody may have typed a password there.
    Column("account", LargeBinary(32), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("failed", Boolean, nullable=False),
    Index("attempts_on_an_account", "account", "at"),
    Index("attempts_from_an_address", "address", "at"),
)
audit = Table(
    "audit",
    METADATA,
    Column("number", Key, primary_key=True, autoincrement=False),
    #: The canonical JSON of the entry, as it was hashed.
    Column("entry", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Words, nullable=False),
    Column("action", String(40), nullable=False),
    #: The commission it concerns; null for what concerns none (an unknown login).
    Column("commission", Key),
    Column("subject", Words, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    #: HMAC of the hash under the service's secret, which is not in the database.
    Column("seal", LargeBinary(32), nullable=False),
    Index("audit_of_an_actor", "actor", "number"),
    Index("audit_of_an_action", "action", "number"),
)
audit_head = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("size", Key, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
idempotency = Table(
    "idempotency",
    METADATA,
    Column("token", Key, ForeignKey("tokens.id"), primary_key=True),
    Column("key", String(200), primary_key=True),
    #: SHA-256 of the request, so that a key used for another request is refused.
    Column("request", LargeBinary(32), nullable=False),
    Column("at", Moment, nullable=False),
    #: Null while the first request is being done.
    Column("status", Integer),
    Column("answer", Words),
)
TABLES: tuple[Table, ...] = (
    persons,
    grants,
    links,
    sessions,
    tokens,
    attempts,
    audit,
    audit_head,
    idempotency,
)
