"""What the commands of accounts share: the operator, commissions by name, and what is refused."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import fail
from tallyscope.cli.count_common import opened
from tallyscope.cli.secret import office_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tallyscope.ledger.accounts.actor import Actor
    from tallyscope.ledger.accounts.office import Office

__all__ = ["CommissionOption", "accounts", "commission_of", "operator"]

CommissionOption = Annotated[
    str,
    typer.Option("--commission", help='Names from the top down: "Region / Territory"; the nation unless given.'),
]


@contextmanager
def accounts(database: str, secret_file: Path | None) -> Iterator[Office]:
    """The accounts of a count; ends with exit code 2 when something is refused."""
    with opened(database) as ledger:
        yield office_of(ledger.engine, secret_file)


def operator() -> Actor:
    """Whoever has the machine and its secret, as the audit trail names them."""
    import getpass

    from tallyscope.ledger.accounts.actor import Actor

    return Actor(f"operator ({getpass.getuser()})")


def commission_of(office: Office, name: str) -> int:
    """The commission of a name, or the end with exit code 2."""
    tree = office.tree
    wanted = tuple(part.strip() for part in name.split(" / ")) if name.strip() else ()
    found = [id for id in tree.parents if tree.path(id) == wanted]
    if not found:
        fail(
            [f'--commission: there is no {name!r}. Write its names from the top down, as in "Region / Territory".']
        )
    return found[0]
