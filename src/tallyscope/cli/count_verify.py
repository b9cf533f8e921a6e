"""`tallyscope count verify`, `count prove STATION`, `count export DIR`: is the history what was published?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from tallyscope.cli.common import FormatOption, OutputFormat, console, count, fail, print_json
from tallyscope.cli.count_common import DatabaseOption, database_url, opened, told
from tallyscope.cli.count_key import VerifierOption, verifiers_of
from tallyscope.report.words import several

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tallyscope.ledger.note import Verifier
    from tallyscope.ledger.verify import Fault

__all__ = ["export", "prove", "verify"]

#: Faults told one by one.
_SHOWN = 50


def verify(
    database: Annotated[
        str | None,
        typer.Option("--database", envvar="TALLYSCOPE_DATABASE", help="The database to verify.", metavar="URL"),
    ] = None,
    verifier: VerifierOption = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option("--checkpoint", help="A checkpoint kept outside the database; repeatable.")
    ] = None,
    proof: Annotated[
        Path | None, typer.Option("--proof", help="Check this proof instead, without a database.")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--export", help="Check an export instead.")] = None,
    format: FormatOption = OutputFormat.text,
) -> None:
    """Checks every version, hash, root, signature and bulletin; says where anything was changed."""
    keys = verifiers_of(verifier)
    if proof is not None or folder is not None:
        if not keys:
            fail(["--verifier: say whose signature is to be trusted, as `count key` printed it."])
        if proof is not None:
            _proof(proof, keys)
        if folder is not None:
            _export(folder, keys)
        return
    if database is None:
        fail(["--database: say which database, or give --proof or --export."])
    _database(database, keys, _read(checkpoint or []), format)


def _database(database: str, keys: Sequence[Verifier], notes: Sequence[str], format: OutputFormat) -> None:
    from tallyscope.ledger.note import NoteError
    from tallyscope.ledger.verify import verify as verify_record

    with told():
        try:
            report = verify_record(database_url(database), keys, notes)
        except NoteError as error:
            fail([f"--checkpoint: {error}."])
    if format is not OutputFormat.text:
        faults = [{**vars(f)} for f in report.faults]
        root = report.root.hex() if report.root else None
        print_json({"versions": report.versions, "bulletins": report.bulletins, "root": root, "faults": faults})
        raise typer.Exit(2 if report.faults else 0)
    for note in report.notes:
        console(stderr=True).print(f"Note: {note}", markup=False, soft_wrap=True)
    what = f"{several(report.versions, 'version')} and {several(report.bulletins, 'bulletin')}"
    what += f" in {report.seconds:.1f} s"
    if report.faults:
        _tell(what, report.faults)
    out = console()
    out.print(f"{what}: as they were accepted and published.", markup=False, soft_wrap=True)
    if report.root is not None:
        out.print(f"Root {report.root.hex()}", markup=False)


def _tell(what: str, faults: Sequence[Fault]) -> NoReturn:
    out = console(stderr=True)
    out.print(f"{several(len(faults), 'fault')} in {what}.", style="bold red", markup=False)
    for fault in faults[:_SHOWN]:
        line = "".join(c if c.isprintable() else "\ufffd" for c in str(fault))
        out.print(f"  {line}", markup=False, soft_wrap=True)
    if len(faults) > _SHOWN:
        out.print(f"  and {count(len(faults) - _SHOWN)} more: --format json has them all.", markup=False)
    raise typer.Exit(2)


def _read(paths: list[Path]) -> list[str]:
    notes, problems = [], []
    for path in paths:
        try:
            notes.append(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            problems.append(f"--checkpoint: {path} cannot be read.")
    if problems:
        fail(problems)
    return notes


def _proof(path: Path, keys: Sequence[Verifier]) -> None:
    from tallyscope.ledger.note import NoteError
    from tallyscope.ledger.proof import check_proof

    try:
        proved = check_proof(path.read_text(encoding="utf-8"), keys)
    except (OSError, UnicodeDecodeError):
        fail([f"{path}: cannot be read as a proof."])
    except NoteError as error:
        fail([f"{path}: {error}."])
    out, version, signed = console(), proved.version, proved.checkpoint
    under = f"bulletin {signed.bulletin}" if signed.bulletin is not None else f"{signed.size:,} versions"
    out.print(f"Version {count(version.number)} is in the record of {signed.origin}, under {under}.", markup=False)
    out.print(
        f"{version.station}, {version.source}, {version.stage}, {version.accepted_at:%Y-%m-%d %H:%M:%S} UTC",
        markup=False,
    )
    for name, n in version.figures.items():
        out.print(f"  {name} {count(n)}", markup=False)
    for name, reason in version.gaps.items():
        out.print(f"  {name} {reason}", markup=False)


def _export(folder: Path, keys: Sequence[Verifier]) -> None:
    from tallyscope.ledger.export import verify_export

    with told():
        versions, bulletins, faults = verify_export(folder, keys)
    what = f"{several(versions, 'leaf', 'leaves')} and {several(bulletins, 'bulletin')}"
    if faults:
        _tell(what, faults)
    console().print(f"{what}: as they were signed.", markup=False)


def prove(
    database: DatabaseOption,
    station: Annotated[str, typer.Argument(help='All of its names: "Region / Territory / 12".')],
    out: Annotated[Path | None, typer.Option("--out", help="A file for the proof; printed unless given.")] = None,
    bulletin: Annotated[int | None, typer.Option("--bulletin", help="The last one unless given.")] = None,
    version: Annotated[
        int | None, typer.Option("--version", help="A version that was replaced, by its number.")
    ] = None,
) -> None:
    """Writes the proof that a station's protocol is in a published bulletin; `count verify --proof` checks it."""
    with opened(database) as ledger:
        from tallyscope.ledger.proving import prove_station

        text = prove_station(ledger, station, bulletin=bulletin, version=version)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        fail([f"{out}: cannot be written: {error.strerror}."])
    console().print(f"The proof is in {out}.", markup=False)


def export(
    database: DatabaseOption,
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
) -> None:
    """Writes the whole history into files that anyone can check without this program."""
    with opened(database) as ledger:
        from tallyscope.ledger.export import export_history

        versions, bulletins = export_history(ledger, folder)
    what = f"{several(versions, 'version')} and {several(bulletins, 'bulletin')}"
    console().print(f"In {folder}: {what}.", markup=False)
