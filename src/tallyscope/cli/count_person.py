"""`tallyscope count person`: who may sign in to a count, and as what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import FormatOption, OutputFormat, console, fail, print_json
from tallyscope.cli.count_accounts import CommissionOption, accounts, commission_of, operator
from tallyscope.cli.count_common import DatabaseOption
from tallyscope.cli.secret import SecretFile

if TYPE_CHECKING:
    from tallyscope.ledger.accounts.office import Office

__all__ = ["app"]

app = typer.Typer(
    help="Who may sign in to a count: persons, their roles, locks and passwords.", no_args_is_help=True
)
Login = Annotated[str, typer.Argument(help="Login of the person.")]
Address = Annotated[str, typer.Option("--address", help="Where persons reach the service, for the one-time link.")]
_HERE = "http://127.0.0.1:8000"


@app.command("add")
def add(
    login: Login,
    database: DatabaseOption,
    name: Annotated[str, typer.Option("--name", help="The person's name.")],
    role: Annotated[
        list[str] | None, typer.Option("--role", help="clerk, coordinator, observer, publisher or administrator.")
    ] = None,
    commission: CommissionOption = "",
    address: Address = _HERE,
    secret_file: SecretFile = None,
) -> None:
    """Adds a person and prints a one-time link, at which the person chooses a password."""
    from tallyscope.ledger.accounts.persons import add_person

    with accounts(database, secret_file) as office:
        person = add_person(office, operator(), login, name, commission_of(office, commission), role or [])
        _link(office, person.login, address)


@app.command("link")
def link(login: Login, database: DatabaseOption, address: Address = _HERE, secret_file: SecretFile = None) -> None:
    """Prints a new one-time link for a person; earlier ones are void."""
    with accounts(database, secret_file) as office:
        _link(office, login, address)


def _link(office: Office, login: str, address: str) -> None:
    from tallyscope.ledger.accounts.setting_passwords import make_link

    secret = make_link(office, operator(), login)
    console(stderr=True).print("For the person alone; it works once, for 24 hours:", markup=False)
    typer.echo(f"{address.rstrip('/')}/welcome/{secret}")


@app.command("list")
def list_(
    database: DatabaseOption, secret_file: SecretFile = None, format: FormatOption = OutputFormat.text
) -> None:
    """Lists everybody, with roles and state."""
    from tallyscope.ledger.accounts.persons import list_persons

    with accounts(database, secret_file) as office:
        title = office.tree.title
        found: list[dict[str, object]] = [
            {
                "login": person.login,
                "name": person.name,
                "commission": title(person.commission),
                "roles": [f"{grant.role}: {title(grant.place[-1])}" for grant in person.grants],
                "state": "locked" if person.locked else "open" if person.has_password else "no password yet",
            }
            for person in list_persons(office, operator(), count=1_000_000)
        ]
    _print(found, format)


def _print(found: list[dict[str, object]], format: OutputFormat) -> None:
    if format is OutputFormat.json:
        print_json(found)
        return
    rows = [{**person, "roles": "; ".join(person["roles"])} for person in found]  # type: ignore[arg-type]
    if format is OutputFormat.csv:
        import polars as pl

        from tallyscope.returns.writers import neutralised

        columns = ("login", "name", "commission", "roles", "state")
        typer.echo(neutralised(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))).write_csv(), nl=False)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("login", "name", "commission", "roles", "state")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row.values()))
    console().print(table)


@app.command("role")
def role(
    login: Login,
    database: DatabaseOption,
    give: Annotated[list[str] | None, typer.Option("--give", help="A role to give.")] = None,
    end: Annotated[list[str] | None, typer.Option("--end", help="A role to end.")] = None,
    commission: CommissionOption = "",
    secret_file: SecretFile = None,
) -> None:
    """Gives roles at a commission, or ends them."""
    from tallyscope.ledger.accounts.persons import end_role, give_role

    if not give and not end:
        fail(["say which role: --give ROLE or --end ROLE."])
    with accounts(database, secret_file) as office:
        place = commission_of(office, commission)
        for each in give or []:
            give_role(office, operator(), login, each, place)  # type: ignore[arg-type]
        for each in end or []:
            end_role(office, operator(), login, each, place)  # type: ignore[arg-type]


@app.command("lock")
def lock(login: Login, database: DatabaseOption, secret_file: SecretFile = None) -> None:
    """Locks an account: signed out everywhere, tokens refused."""
    from tallyscope.ledger.accounts import persons

    with accounts(database, secret_file) as office:
        persons.lock(office, operator(), login)


@app.command("unlock")
def unlock(login: Login, database: DatabaseOption, secret_file: SecretFile = None) -> None:
    """Opens a locked account again."""
    from tallyscope.ledger.accounts import persons

    with accounts(database, secret_file) as office:
        persons.unlock(office, operator(), login)


@app.command("password")
def password(login: Login, database: DatabaseOption, secret_file: SecretFile = None) -> None:
    """Sets a password, which the person types here, twice; it does not show."""
    from tallyscope.ledger.accounts.setting_passwords import set_password

    with accounts(database, secret_file) as office:
        first = typer.prompt("New password", hide_input=True)
        set_password(office, operator(), login, first, typer.prompt("The same again", hide_input=True))
