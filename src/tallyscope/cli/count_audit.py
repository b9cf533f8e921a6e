"""`tallyscope count audit`: has anybody altered what the audit trail says?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import console, count, fail
from tallyscope.cli.count_common import DatabaseOption, opened
from tallyscope.cli.secret import SecretFile, secret_of

if TYPE_CHECKING:
    from tallyscope.ledger.accounts.audit_check import Head

__all__ = ["audit"]


def audit(
    database: DatabaseOption,
    head: Annotated[
        list[str] | None, typer.Option("--head", metavar="SIZE:HASH", help="As noted down before; may be repeated.")
    ] = None,
    chain: Annotated[bool, typer.Option("--chain", help="Without the secret: only that the entries fit.")] = False,
    secret_file: SecretFile = None,
) -> None:
    """Checks every entry of the audit trail: its hash, its neighbours, its seal, and heads noted elsewhere.

    The heads that bulletins were signed with are among these; `count verify --verifier` checks their signatures.
    """
    from tallyscope.ledger.accounts.audit import seal_key
    from tallyscope.ledger.accounts.audit_check import Head, verify_audit
    from tallyscope.ledger.bulletins import bulletins

    heads = [_head(text) for text in head or []]
    key = None if chain else seal_key(secret_of(secret_file))
    with opened(database) as ledger:
        said = [b.body["audit"] for b in bulletins(ledger) if "audit" in b.body]
        signed = [Head(int(one["entries"]), str(one["head"])) for one in said]
        found = verify_audit(ledger.engine, key=key, heads=[*heads, *signed])
    out = console()
    for problem in found.problems:
        out.print(problem, style="bold red", markup=False, soft_wrap=True)
    if found.problems:
        raise typer.Exit(1)
    seals = "with every seal" if found.seals else "without a look at the seals"
    noun = "bulletin was" if len(signed) == 1 else "bulletins were"
    also = f", and with what {count(len(signed))} {noun} signed over" if signed else ""
    out.print(
        f"{count(found.head.size)} entries fit together, {seals}{also}. Note this head elsewhere:", markup=False
    )
    typer.echo(str(found.head))


def _head(text: str) -> Head:
    from tallyscope.ledger.accounts.audit_check import Head

    size, _, hash = text.partition(":")
    if not size.isdigit() or len(hash) != 64:
        fail([f"--head: {text!r} is not SIZE:HASH as `count audit` prints it."])
    return Head(int(size), hash.lower())
