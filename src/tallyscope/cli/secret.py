"""The service's secret: from the environment or from a file, never from the command line, and never by default."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import fail

if TYPE_CHECKING:
    from tallyscope.ledger.accounts.office import Office

__all__ = ["SECRET", "SecretFile", "office_of", "secret_of"]

#: Environment variable with the secret itself: a command line can be read by everybody on the machine.
SECRET = "TALLYSCOPE_SECRET"
SecretFile = Annotated[
    Path | None,
    typer.Option(
        "--secret-file",
        envvar="TALLYSCOPE_SECRET_FILE",
        help=f"File with the service's secret; or the secret itself in the environment, {SECRET}. No default.",
    ),
]
_MAKE = "Make one: (umask 077; openssl rand -hex 32 > secret)"


def secret_of(file: Path | None) -> bytes:
    """The secret, or the end with exit code 2; the secret itself is never told."""
    from tallyscope.web.settings import BadSettings, Settings

    given = os.environ.get(SECRET, "").strip()
    if file is None and not given:
        fail([f"there is no secret: give --secret-file FILE, or set {SECRET}. {_MAKE}"])
    secret = given.encode() if file is None else _read(file)
    try:
        return Settings(secret).secret
    except BadSettings as error:
        fail([f"{error}. {_MAKE}"])


def _read(file: Path) -> bytes:
    try:
        if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
            fail([f"{file}: others may read the secret; chmod 600 {file}"])
        return file.read_bytes().strip()
    except OSError as error:
        fail([f"{file}: the secret cannot be read: {error.strerror}. {_MAKE}"])


def office_of(engine: object, file: Path | None) -> Office:
    """The accounts in a database, for whoever has the service's secret."""
    from tallyscope.ledger.accounts.office import open_office

    return open_office(engine, secret_of(file))  # type: ignore[arg-type]
