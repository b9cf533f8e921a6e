"""Workbooks (XLSX, XLS, ODS): the largest sheet as a grid of texts, row by row as a person sees it.

The library that reads them believes what a workbook says of its own size, and ends the process when the memory for
that cannot be had: one stray cell in the last row and column is enough. So it works in a process of its own.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from tallyscope.returns.problems import Problem, ReadError
from tallyscope.returns.reading import workbook_process
from tallyscope.returns.reading.container import Member, allowed_bytes, refuse_size
from tallyscope.returns.reading.guard import damaged

__all__ = ["Grid", "is_workbook", "read_grid"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Seconds; a million stations take one hundred.
_TIMEOUT = 600
_HINT = "Can a spreadsheet program open it? Is there a stray cell far from the table?"


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet as text; row i of `cells` is row i + 1 of the sheet."""

    cells: pl.DataFrame
    notices: tuple[str, ...] = ()


def is_workbook(data: bytes) -> bool:
    """True for what looks like a workbook by its first bytes, whatever its name."""
    return data.startswith((b"PK\x03\x04", _OLE))


def read_grid(member: Member) -> Grid:
    """The sheet with the most cells. Raises ReadError: not a workbook, or larger than it can honestly be."""
    if not is_workbook(member.data):
        raise ReadError([Problem(member.name, "is not a workbook, whatever its name says.", _HINT)])
    if member.data.startswith(_OLE) and member.suffix in (".xlsx", ".xlsm"):
        raise ReadError([Problem(member.name, "is protected by a password.", "Save it without one.")])
    with damaged(member.name, "is not a readable workbook", _HINT):
        _refuse_bomb(member)
        with TemporaryDirectory(prefix="tallyscope-") as folder:
            said = _read_apart(member.data, Path(folder))
            if "error" in said:
                raise ReadError([Problem(member.name, f"is not a readable workbook ({said['error']}).", _HINT)])
            if said["sheet"] is None:
                raise ReadError([Problem(member.name, "has no rows.")])
            cells = pl.read_ipc(io.BytesIO((Path(folder) / "cells").read_bytes()))
    if said["sheets"] == 1:
        return Grid(cells)
    return Grid(cells, (f"{member.name}: sheet {said['sheet']!r} was read, the largest of {said['sheets']}.",))


def _refuse_bomb(member: Member) -> None:
    """Refuses what unfolds to more than is honest, whatever the archive says of itself."""
    if not member.data.startswith(b"PK"):
        return
    left = allowed_bytes(len(member.data))
    with zipfile.ZipFile(io.BytesIO(member.data)) as archive:
        for info in archive.infolist():
            with archive.open(info) as packed:
                while chunk := packed.read(1 << 20):
                    left -= len(chunk)
                    if left < 0:
                        refuse_size(member.name, "unfolds to more than any workbook of its size.")


def _read_apart(data: bytes, folder: Path) -> dict[str, Any]:
    """What the other process reports; its cells are then in `folder`/cells."""
    source, cells, report = folder / "workbook", folder / "cells", folder / "report"
    source.write_bytes(data)
    command = [sys.executable, "-BP", workbook_process.__file__, str(source), str(cells), str(report)]
    # It finds its libraries where this process does, and needs no threads, each of which would reserve memory.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "POLARS_MAX_THREADS": "1"}
    try:
        subprocess.run(command, env=environment, capture_output=True, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"it takes more than {_TIMEOUT} seconds"}
    if not report.is_file():
        return {"error": "it asks for more memory than results can need"}
    said: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return said
