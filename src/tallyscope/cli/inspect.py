"""`tallyscope inspect FILE`: what every column of a file is taken for, how surely, and on what evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallyscope.cli.common import FormatOption, OutputFormat, console, fail, print_json

if TYPE_CHECKING:
    from tallyscope.returns.inference import Inference
    from tallyscope.returns.reading.recognise import Recognition
    from tallyscope.returns.reading.tables import RawTable

__all__ = ["inspect"]


def inspect(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet; gz and zip too.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write the mapping here, to correct by hand.")] = None,
    registry: Annotated[
        bool, typer.Option("--registry/--no-registry", help="Use the known forms, or names and arithmetic alone.")
    ] = True,
    format: FormatOption = OutputFormat.text,
) -> None:
    """Works out what a file's columns are, and writes a mapping that a person can correct."""
    from tallyscope.returns.problems import ReadError
    from tallyscope.returns.reading.container import open_members
    from tallyscope.returns.reading.recognise import recognise
    from tallyscope.returns.reading.tables import open_table

    try:
        answers = []
        for member in open_members(file):
            table = open_table(member)
            found = recognise(table.headers) if registry else None
            complete = found is not None and found.complete
            answers.append(_known(table, found) if found and complete else _worked_out(table, found))
    except ReadError as error:
        fail(error.problems)
    if out is not None:
        out.write_text("\n".join(a["mapping"] for a in answers), encoding="utf-8")
    if format is OutputFormat.json:
        print_json(answers[0] if len(answers) == 1 else answers)
        return
    for answer in answers:
        _print(answer)
    if out is None:
        console().print("--out mapping.toml writes this down, to be corrected and passed with --mapping.")
    else:
        console().print(f"Mapping written to {out}; correct it, then pass it with --mapping.", markup=False)


def _known(table: RawTable, found: Recognition) -> dict[str, Any]:
    """A file of the registry: the evidence is the form's own header."""
    from tallyscope.returns.mapping import ColumnMapping, choice_of
    from tallyscope.returns.mapping_file import write_mapping

    evidence = [f"header of the form {found.election.form.title!r}"]
    columns = [
        {"column": h, "target": found.targets[h], "confidence": 1.0, "evidence": evidence}
        if h in found.targets
        else {"column": h, "target": "ignore", "confidence": 0.0, "evidence": ["no form has this header"]}
        for h in table.headers
    ]
    names = {c.id: c.name for c in found.election.choices}
    mapping = ColumnMapping(
        columns={h: found.targets.get(h, "ignore") for h in table.headers},
        title=found.election.title,
        denominator=found.election.form.denominator,
        choice_names={i: names[i] for t in found.targets.values() if (i := choice_of(t)) is not None},
    )
    return {
        "file": table.name,
        "election": found.election.id,
        "form": found.election.form.id,
        "columns": columns,
        "relations": [],
        "totals": [],
        "notices": list(table.notices),
        "mapping": write_mapping(mapping),
    }


def _worked_out(table: RawTable, near: Recognition | None) -> dict[str, Any]:
    """A file of no known form: names and arithmetic."""
    from tallyscope.returns.inference import infer
    from tallyscope.returns.mapping_file import write_mapping
    from tallyscope.returns.reading.unknown import raw_frame

    inference: Inference = infer(raw_frame(table))
    notices = list(table.notices)
    if near is not None:
        notices.append(f"It looks like {near.election.title}, but lacks: {'; '.join(near.missing)}.")
    return {
        "file": table.name,
        "election": None,
        "form": None,
        "columns": [
            {
                "column": g.column,
                "target": g.target,
                "confidence": round(g.confidence, 3),
                "evidence": list(g.evidence),
            }
            for g in inference.guesses
        ],
        "relations": list(inference.relations),
        "totals": [{"row": table.header_row + 1 + i, "of": of} for i, of in inference.totals.iter_rows()],
        "notices": notices,
        "mapping": write_mapping(inference),
    }


def _print(answer: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    out = console()
    known = f"known form {answer['form']} ({answer['election']})" if answer["form"] else "no known form; worked out"
    out.print(f"{answer['file']}: {known}", style="bold", markup=False)
    for notice in answer["notices"]:
        out.print(f"Note: {notice}", markup=False)
    table = Table()
    for column in ("column", "is", "sure", "evidence"):
        table.add_column(column, justify="right" if column == "sure" else "left")
    for c in answer["columns"]:
        evidence = "\n".join(c["evidence"][:3])
        table.add_row(Text(c["column"]), Text(c["target"]), f"{c['confidence']:.0%}", Text(evidence))
    out.print(table)
    for relation in answer["relations"]:
        out.print(f"  {relation}", markup=False)
    for total in answer["totals"][:20]:
        out.print(f"  row {total['row']:,} is the sum of {total['of']}", markup=False)
