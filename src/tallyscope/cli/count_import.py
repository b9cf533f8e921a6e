"""`tallyscope count import FILE`: protocols of a file become versions of the record, all of them or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallyscope.cli.common import (
    DropTotals,
    ElectionOption,
    Files,
    MappingOption,
    console,
    count,
    fail,
    read_files,
    warn_of_notices,
)
from tallyscope.cli.count_common import DatabaseOption, bar, opened

if TYPE_CHECKING:
    from tallyscope.ledger.importing import Import
    from tallyscope.returns.table import Returns

__all__ = ["import_"]


def import_(
    files: Files,
    database: DatabaseOption,
    by: Annotated[
        str, typer.Option("--by", help="Who enters them: a person or a machine, as the record names it.")
    ],
    source: Annotated[str, typer.Option("--source", help="official, observer, photo or scanner.")] = "official",
    stage: Annotated[str, typer.Option("--stage", help="Of corrections: repeat or repeat-count.")] = "repeat",
    reason: Annotated[str, typer.Option("--reason", help="Why protocols that stand are corrected.")] = "",
    mapping: MappingOption = None,
    election: ElectionOption = None,
    drop_totals: DropTotals = False,
) -> None:
    """Accepts the protocols of a file. Those that stand already with the same figures add nothing."""
    from tallyscope.ledger.version import SOURCES

    problems = [] if source in SOURCES else [f"--source: {source!r} is not one of {', '.join(SOURCES)}."]
    if stage not in ("repeat", "repeat-count"):
        problems.append(f"--stage: {stage!r} is not repeat or repeat-count.")
    if not by.strip():
        problems.append("--by: say who enters these protocols.")
    if problems:
        fail(problems)
    returns = read_files(files, mapping=mapping, election=election, drop_totals=drop_totals)
    warn_of_notices(returns)
    with opened(database) as ledger:
        found = _prepared(returns, ledger, source, stage, by, reason)
        with bar("protocols", len(found.versions)) as shown:
            ledger.accept(found.versions)
            shown(len(found.versions))
        _tell(found, ledger)


def _prepared(returns: Returns, ledger: Any, source: str, stage: str, by: str, reason: str) -> Import:
    from tallyscope.ledger.importing import prepare, standing_numbers
    from tallyscope.returns.problems import ReadError

    try:
        return prepare(
            returns,
            ledger.returns(source=source),
            standing_numbers(ledger.engine, source),  # type: ignore[arg-type]
            source=source,  # type: ignore[arg-type]
            stage=stage,  # type: ignore[arg-type]
            entered_by=by,
            reason=reason,
        )
    except ReadError as error:
        fail(error.problems)


def _tell(found: Import, ledger: Any) -> None:
    out = console()
    out.print(
        f"{count(found.new)} protocols accepted, {count(found.corrections)} corrections; "
        f"{count(found.unchanged)} stood already, {count(found.empty)} rows without a protocol.",
        markup=False,
        soft_wrap=True,
    )
    if found.warnings:
        broken = count(found.warnings)
        out.print(f"{broken} relations are broken that block nothing: `tallyscope check` lists them.", markup=False)
    if found.incomplete:
        out.print(f"{count(found.incomplete)} protocols have a line that is missing or illegible.", markup=False)
    out.print(f"The record has {count(ledger.size)} versions.", markup=False)
