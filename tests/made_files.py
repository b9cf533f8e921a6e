"""Small results files made from a form's own headers, in every container and encoding, for the reader's tests."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Sequence

import polars as pl

from tallyscope.election.election import Election
from tallyscope.election.load import load_election

__all__ = [
    "ELECTION",
    "Row",
    "csv_bytes",
    "gz_bytes",
    "header",
    "parquet_bytes",
    "protocols",
    "xlsx_bytes",
    "zip_bytes",
]

#: The election whose headers the files carry unless a test says otherwise.
ELECTION = load_election("RU-PRES-2018")
Row = list[object]


def header(election: Election = ELECTION) -> list[str]:
    """The headers as the commission's files have them: levels, station, lines, choices."""
    form = election.form
    places = [level.names[0] for level in form.levels] + [names[0] for names in form.station]
    return [*places, *(line.names[0] for line in form.lines), *(c.names[0] for c in election.choices)]


def protocols(stations: int = 8) -> list[Row]:
    """Valid protocols of ELECTION's form: two regions, commissions of three stations, every figure different."""
    rows: list[Row] = []
    for i in range(stations):
        votes = [7 + 3 * i, 90 + 17 * i, 41 + 5 * i, 611 + 29 * i, 12 + i, 5 + 2 * i, 3 + i, 8 + i]
        portable, invalid, lost = 20 + i, 6 + i % 4, i % 2
        valid = sum(votes)
        cast = valid + invalid
        cancelled = 500 - 3 * i
        place: Row = [
            "Республика Адыгея (Адыгея)" if i < 6 else "Город Москва - «Сити»",
            f"{i // 3 + 1} Адыгейская",
            i + 1,
        ]
        issued = [0, cast - portable, portable]
        lines = [cast + 150 + i, cast + cancelled + lost, *issued, cancelled, portable, cast - portable]
        rows.append([*place, *lines, invalid, valid, lost, 0, *votes])
    return rows


def csv_bytes(
    rows: Sequence[Sequence[object]],
    head: Sequence[str] | None = None,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    ends: str = "\n",
) -> bytes:
    """The rows under their headers as text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ends)
    writer.writerow(header() if head is None else head)
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def zip_bytes(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def xlsx_bytes(rows: Sequence[Sequence[object]], above: Sequence[Sequence[object]] = ()) -> bytes:
    """A workbook with the rows under their headers, and rows above those."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("Протоколы")
    for number, row in enumerate([*above, header(), *rows]):
        sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def parquet_bytes(rows: Sequence[Sequence[object]]) -> bytes:
    """A Parquet file with figures as integers and names as text."""
    out = io.BytesIO()
    columns = {name: [str(row[i]) if i < 3 else row[i] for row in rows] for i, name in enumerate(header())}
    pl.DataFrame(columns).write_parquet(out)
    return out.getvalue()


def gz_bytes(data: bytes) -> bytes:
    """Packed with gzip."""
    return gzip.compress(data, mtime=0)
