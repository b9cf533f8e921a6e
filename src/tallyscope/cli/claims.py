"""`tallyscope claims FILE...`: who said what about an election, and whether it can be so."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallyscope.cli.common import (
    DropTotals,
    ElectionOption,
    MappingOption,
    console,
    fail,
    read_files,
    warn_of_notices,
)

if TYPE_CHECKING:
    from tallyscope.claims.claim import Document
    from tallyscope.report.claims.checked import Checked
    from tallyscope.returns.problems import Problem
    from tallyscope.returns.table import Returns

__all__ = ["claims"]

#: Characters of a claim on the screen; the page has all of them.
_SHOWN = 200


class ClaimsFormat(StrEnum):
    """What is written."""

    report = "report"
    json = "json"
    simple = "simple"


def claims(
    files: Annotated[list[Path], typer.Argument(help="Articles: plain text, HTML or PDF.")],
    returns: Annotated[
        list[str] | None,
        typer.Option("--returns", help="Returns of an election; several files of one election: A,B. Repeatable."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the page (or file, with --format json or simple).")
    ] = None,
    format: Annotated[ClaimsFormat, typer.Option("--format", help="A page, or JSON.")] = ClaimsFormat.report,
    mapping: MappingOption = None,
    election: ElectionOption = None,
    drop_totals: DropTotals = False,
) -> None:
    """Reads claims about elections out of articles and holds them against the count."""
    given = returns or []
    if len(given) > 1 and (mapping is not None or election is not None):
        fail(["--mapping and --election are of one election: give one --returns with them"])
    documents = _read(files)
    if format is ClaimsFormat.simple:
        from tallyscope.claims.export.simple import simple

        _write(simple(documents), out)
        return
    counts = [_returns(r, mapping, election, drop_totals) for r in given]
    articles = _checked(documents, counts)
    if format is ClaimsFormat.json:
        from tallyscope.report.claims.claims_json import claims_document

        _write(claims_document(articles), out)
        return
    folder = out or Path("tallyscope-claims")
    try:
        from tallyscope.report.claims.saving import save_claims

        save_claims(articles, folder)
    except OSError as error:
        fail([f"{folder}: the page cannot be written: {error.strerror or error}"])
    for article in articles:
        _print(article)
    console().print(f"\nPage: {folder / 'claims.html'}", style="bold", markup=False, soft_wrap=True)


def _read(files: list[Path]) -> list[Document]:
    """The documents; ends with exit code 2 and everything that is wrong with any file."""
    from tallyscope.claims.reading import read_claims
    from tallyscope.returns.problems import ReadError

    problems: list[Problem] = []
    documents: list[Document] = []
    for file in files:
        try:
            documents.append(read_claims(file))
        except ReadError as error:
            problems += error.problems
    if problems:
        fail(problems)
    return documents


def _returns(files: str, mapping: Path | None, election: str | None, drop_totals: bool) -> Returns:
    """One election: a file, or several with commas between them."""
    paths = [Path(files)] if Path(files).exists() else [Path(f.strip()) for f in files.split(",") if f.strip()]
    found = read_files(paths, mapping=mapping, election=election, drop_totals=drop_totals)
    warn_of_notices(found)
    return found


def _checked(documents: list[Document], returns: list[Returns]) -> tuple[Checked, ...]:
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    from tallyscope.claims.checks.count import NoCount
    from tallyscope.report.claims.checked import checked

    columns = (TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("checking", total=None)
        try:
            return checked(documents, returns, lambda step: bar.update(task, description=step))
        except NoCount as error:
            fail([str(error)])


def _write(value: dict[str, Any], out: Path | None) -> None:
    import json

    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        fail([f"{out}: cannot be written: {error.strerror or error}"])


def _print(article: Checked) -> None:
    from rich.table import Table
    from rich.text import Text

    from tallyscope.claims.checks.verdict import WORDS

    document, screen = article.document, console()
    dated = f", {document.date.value.isoformat()}" if document.date.value is not None else ""
    screen.print(f"\n{document.name}{dated}: {len(document.claims)} claims", style="bold", markup=False)
    for problem in document.problems:
        screen.print(f"Note: {problem}", markup=False, soft_wrap=True)
    if not document.claims:
        return
    table = Table(show_edge=False, expand=True)
    table.add_column("speaker", no_wrap=True, max_width=24, overflow="ellipsis")
    table.add_column("said", no_wrap=True)
    table.add_column("claim", no_wrap=True, ratio=1, overflow="ellipsis")
    table.add_column("election", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for claim in sorted(document.claims, key=lambda c: c.start):
        said = claim.statement_date.value
        words = " ".join(claim.said.split())
        cells = [claim.speaker.name, said.isoformat() if said else "–", words[:_SHOWN], claim.election.id or "–"]
        check = article.checks[claim.id]
        style = "" if check.verdict == "not-checkable" else "bold"
        table.add_row(*(Text(_plain(c)) for c in cells), Text(WORDS[check.verdict], style=style))
    screen.print(table)
    for claim in sorted(document.claims, key=lambda c: c.start):
        check = article.checks[claim.id]
        if check.verdict != "not-checkable":
            screen.print(f"{claim.speaker.name}, {check.words}: {_plain(check.text)}", markup=False, soft_wrap=True)


def _plain(text: str) -> str:
    """Articles are strangers' text: control characters must not reach the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
