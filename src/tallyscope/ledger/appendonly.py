"""Nothing of the record is overwritten: the database itself refuses, in both dialects, whoever asks."""

from __future__ import annotations

from sqlalchemy import Connection

__all__ = ["protect"]

_FUNCTION = """
CREATE OR REPLACE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is only added to, never changed'; END $$
"""


def protect(connection: Connection, *tables: str) -> None:
    """Makes the database refuse to change or remove rows of these tables. Their names are ours, never a user's."""
    if connection.dialect.name == "sqlite":
        for table in tables:
            for change in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is only added to, never changed'); END"
                )
        return
    connection.exec_driver_sql(_FUNCTION)
    for table in tables:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION only_added()"
        )
