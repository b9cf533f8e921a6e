"""`tallyscope count token`: tokens of machines, for the API."""

from __future__ import annotations

from typing import Annotated

import typer

from tallyscope.cli.common import console, print_json
from tallyscope.cli.count_accounts import CommissionOption, accounts, commission_of, operator
from tallyscope.cli.count_common import DatabaseOption
from tallyscope.cli.secret import SecretFile

__all__ = ["app"]

app = typer.Typer(help="Tokens with which machines use the API of a count.", no_args_is_help=True)


@app.command("make")
def make(
    login: Annotated[str, typer.Argument(help="Login of the person it acts for.")],
    database: DatabaseOption,
    name: Annotated[str, typer.Option("--name", help="Which machine it is for.")],
    scope: Annotated[list[str], typer.Option("--scope", help="see, propose, copy or import; may be repeated.")],
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="Days until it expires.")] = 7,
    commission: CommissionOption = "",
    secret_file: SecretFile = None,
) -> None:
    """Makes a token and prints it, this once."""
    from tallyscope.ledger.accounts.tokens import make_token

    with accounts(database, secret_file) as office:
        place = commission_of(office, commission)
        typer.echo(make_token(office, operator(), login, name, place, scope, days))
    console(stderr=True).print("Keep it on the machine alone: it is not shown again.", markup=False)


@app.command("list")
def list_(database: DatabaseOption, secret_file: SecretFile = None) -> None:
    """Lists all tokens as JSON; none of their secrets is kept anywhere."""
    from tallyscope.ledger.accounts.tokens import list_tokens

    with accounts(database, secret_file) as office:
        title = office.tree.title
        print_json(
            [
                {
                    "id": token.id,
                    "name": token.name,
                    "login": token.login,
                    "commission": title(token.commission),
                    "scopes": list(token.scopes),
                    "expires_at": token.expires_at.isoformat(),
                    "used_at": token.used_at and token.used_at.isoformat(),
                    "revoked_at": token.revoked_at and token.revoked_at.isoformat(),
                }
                for token in list_tokens(office, operator())
            ]
        )


@app.command("revoke")
def revoke(
    id: Annotated[int, typer.Argument(help="Its number in the list.")],
    database: DatabaseOption,
    secret_file: SecretFile = None,
) -> None:
    """Revokes a token at once."""
    from tallyscope.ledger.accounts.tokens import revoke_token

    with accounts(database, secret_file) as office:
        revoke_token(office, operator(), id)
