"""Brings the tables of a count to this version of the program, by Alembic, inside the caller's transaction."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from sqlalchemy import Connection, inspect, text

__all__ = ["latest", "revision", "upgrade"]


@cache
def _revisions() -> tuple[str, ...]:
    """Every revision there is, in order: they are linear, and a file has the name of its revision."""
    folder = files("tallyscope.ledger.migrations").joinpath("versions")
    return tuple(sorted(f.name.removesuffix(".py") for f in folder.iterdir() if f.name[:4].isdigit()))


def latest() -> str:
    """The revision of this version of the program."""
    return _revisions()[-1]


def revision(connection: Connection) -> str | None:
    """The revision of a database; None if it has never been one of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Runs every migration that this database has not had, as far as a revision."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = str(files("tallyscope.ledger").joinpath("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
