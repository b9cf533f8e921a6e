"""Tests of the record run on SQLite and on PostgreSQL."""

from databases import database_url as database_url
