"""Reads one workbook; run as a program by `sheets`, in a process of its own that may die.

    python workbook_process.py WORKBOOK CELLS REPORT

Writes the largest sheet's cells as text (Arrow IPC, row i is row i + 1 of the sheet) and a JSON report: its name
and the number of sheets, or what went wrong. Imports nothing of tallyscope: it starts in the time polars takes.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

#: An XLSX workbook of a million stations with 40 figures takes 3 GB.
MAX_MEMORY = 8 << 30
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_ERROR = re.compile(rb"""<(?:\w+:)?c\b([^>/]*\bt=["']e["'][^>/]*)>.{0,2000}?<(?:\w+:)?v>([^<]{1,20})""", re.DOTALL)


def main(source: str, cells: str, report: str) -> None:
    """Reads, writes and reports."""
    _limit_memory()
    data = Path(source).read_bytes()
    said: dict[str, Any]
    try:
        sheet, count = _largest(data)
        said = {"sheet": None if sheet is None else sheet.name, "sheets": count}
        if sheet is not None:
            _with_errors(sheet, data).write_ipc(cells)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
        said = {"error": (str(error).strip() or type(error).__name__).splitlines()[0]}
    Path(report).write_text(json.dumps(said), encoding="utf-8")


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on this system
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MAX_MEMORY if hard == resource.RLIM_INFINITY else min(MAX_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _largest(data: bytes) -> tuple[Any, int]:
    """The sheet with the most cells (None if all are empty), and the number of sheets."""
    import fastexcel

    book = fastexcel.read_excel(data)
    best, size = None, 0
    for name in book.sheet_names:
        sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        if sheet.height * sheet.width > size:
            best, size = sheet, sheet.height * sheet.width
    return best, len(book.sheet_names)


def _with_errors(sheet: Any, data: bytes) -> Any:
    """The sheet with the text of every cell that shows an error ("#DIV/0!") put back.

    The library drops them, and an error is not a missing figure.
    """
    cells = sheet.to_polars()
    xml = _sheet_xml(data, sheet.name)
    place = {c.absolute_index: c.index for c in sheet.available_columns()}
    found: dict[int, dict[int, str]] = {}
    for attributes, shown in _ERROR.findall(xml) if b"#" in xml else ():
        at = _REFERENCE.search(attributes)
        if at and _column_number(at[1]) in place and int(at[2]) <= cells.height:
            column = found.setdefault(place[_column_number(at[1])], {})
            column[int(at[2]) - 1] = shown.decode("utf-8", errors="replace")
    return cells.with_columns(cells.to_series(i).scatter(list(c), list(c.values())) for i, c in found.items())


def _column_number(letters: bytes) -> int:
    """ "A" is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _sheet_xml(data: bytes, sheet: str) -> bytes:
    """The part of an XLSX workbook that holds the sheet of this name; empty for other kinds."""
    if not data.startswith(b"PK"):
        return b""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= parts:
            return b""
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {e.get("Id"): e.get("Target", "").removeprefix("/").removeprefix("xl/") for e in relations}
        for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
            if element.tag.endswith("}sheet") and element.get("name") == sheet:
                ids = [v for k, v in element.attrib.items() if k.endswith("}id")]
                path = f"xl/{targets.get(ids[0])}" if ids else ""
                return archive.read(path) if path in parts else b""
    return b""


if __name__ == "__main__":
    main(*sys.argv[1:])
