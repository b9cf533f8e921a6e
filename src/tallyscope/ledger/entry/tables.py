"""The tables of entry, made by the migration `0003_entry`; what stands is in the record, not here.

sheets        one row a station that somebody has begun: its state, and how many events led there
sheet_events  everything that happened to a sheet, with all that was typed; only added to
drafts        what is typed and not yet handed in, one a person and station; saved at every pause
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from tallyscope.ledger.schema import METADATA, Key, Moment

__all__ = ["drafts", "sheet_events", "sheets"]

sheets = Table(
    "sheets",
    METADATA,
    Column("station", Key, ForeignKey("stations.id"), primary_key=True, autoincrement=False),
    #: Events so far; whoever writes has seen this number, else somebody was faster.
    Column("number", Integer, nullable=False),
    Column("phase", String(12), nullable=False),
    #: `Sheet.content` as JSON.
    Column("body", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Index("sheets_by_phase", "phase"),
)
sheet_events = Table(
    "sheet_events",
    METADATA,
    Column("station", Key, ForeignKey("stations.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("who", String(200), nullable=False),
    Column("event", String(16), nullable=False),
    Column("body", Text, nullable=False),
)
drafts = Table(
    "drafts",
    METADATA,
    Column("station", Key, ForeignKey("stations.id"), primary_key=True, autoincrement=False),
    Column("person", String(80), primary_key=True),
    #: Round of the sheet that it is for.
    Column("round", Integer, nullable=False),
    #: How often it was saved; whoever saves has seen this number, else another window was faster.
    Column("serial", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("saved_at", Moment, nullable=False),
)
