"""`tallyscope count key NAME`: a key to sign bulletins with, and the options of the commands that use keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tallyscope.cli.common import console, fail

if TYPE_CHECKING:
    from tallyscope.ledger.note import Signer, Verifier

__all__ = ["KeyOption", "VerifierOption", "key", "signer_of", "verifiers_of"]

KeyOption = Annotated[
    Path,
    typer.Option(
        "--key", envvar="TALLYSCOPE_KEY", help="The file with the signing key, as `count key` makes it. No default."
    ),
]
VerifierOption = Annotated[
    list[str] | None,
    typer.Option(
        "--verifier",
        help="A verifier key (NAME+ID+KEY), or a file with one a line; may be repeated.",
        metavar="KEY",
    ),
]


def key(
    name: Annotated[str, typer.Argument(help="Whose key: the origin of the count, a domain and a path by custom.")],
    out: Annotated[Path, typer.Option("--out", help="A new file for the signing key; keep it to yourself.")],
) -> None:
    """Makes a signing key (Ed25519), and prints the verifier key that everybody may have."""
    from tallyscope.ledger.note import NoteError, new_signer

    try:
        made = new_signer(name)
    except NoteError as error:
        fail([f"{error}."])
    try:
        # Nobody else may read it, from the first byte on; and no key is ever overwritten.
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(made.secret() + "\n")
    except FileExistsError:
        fail([f"{out}: there is a file already; a key is never overwritten."])
    except OSError as error:
        fail([f"{out}: cannot be written: {error.strerror}."])
    typer.echo(str(made.verifier))
    console(stderr=True).print(
        f"The signing key is in {out}, readable by you alone. The line above is for everybody: publish it where "
        "it cannot be changed together with the database.",
        markup=False,
        soft_wrap=True,
    )


def signer_of(path: Path) -> Signer:
    """The key of a file, or the end with exit code 2; the key itself is never told."""
    from tallyscope.ledger.note import NoteError, read_signer

    try:
        return read_signer(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        fail([f"{path}: cannot be read as a signing key: {reason}. `tallyscope count key` makes one."])
    except NoteError as error:
        fail([f"{path}: {error}. `tallyscope count key` makes one."])


def verifiers_of(texts: list[str] | None) -> list[Verifier]:
    """The keys of the option, files read; or the end with exit code 2 and every reason."""
    from tallyscope.ledger.note import NoteError, read_verifier

    lines, found, problems = [], [], []
    for text in texts or []:
        file = Path(text)
        try:
            lines += (
                [li for li in file.read_text(encoding="utf-8").splitlines() if li.strip()]
                if file.is_file()
                else [text]
            )
        except (OSError, UnicodeDecodeError):
            problems.append(f"--verifier: {text} cannot be read.")
    for line in lines:
        try:
            found.append(read_verifier(line))
        except NoteError as error:
            problems.append(f"--verifier: {error}.")
    if problems:
        fail(problems)
    return found
