"""Bytes flipped at random places of a whole country's record: is each one found, and where it is?

    python studies/flipped_bytes.py count.db count.key 40 > studies/results/flipped_bytes.txt

The database (SQLite, with at least one bulletin) is copied; in the copy one value after another is changed behind
the record's back, verified, and put back. Tables are drawn evenly, then a column, then a row.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tallyscope.ledger.note import Verifier, read_signer
from tallyscope.ledger.verify import verify

TABLES = (
    "versions",
    "figures",
    "gaps",
    "standing",
    "nodes",
    "stations",
    "commissions",
    "bulletins",
    "sums",
    "election",
)


def main() -> None:
    """One line a flip, then how many were located."""
    source, flips = Path(sys.argv[1]), int(sys.argv[3])
    key = read_signer(Path(sys.argv[2]).read_text(encoding="utf-8")).verifier
    random_ = random.Random(2012)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "copy.db"
        shutil.copy(source, file)
        connection = sqlite3.connect(file)
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.commit()
        found, times = 0, []
        start = time.perf_counter()
        clean = verify(f"sqlite:///{file}", [key])
        print(
            f"{clean.versions:,} versions, {len(clean.faults)} faults before, {time.perf_counter() - start:.1f} s"
        )
        for _ in range(flips):
            told, took = one(connection, file, key, random_)
            found, times = found + told, [*times, took]
        print(f"{found} of {flips} located; a verification takes {statistics.median(times):.1f} s")


def one(connection: sqlite3.Connection, file: Path, key: Verifier, random_: random.Random) -> tuple[bool, float]:
    """Changes one value, verifies, puts it back; whether a fault names its table, and its version if it has one."""
    table = random_.choice([t for t in TABLES if connection.execute(f"SELECT COUNT(*) FROM {t}").fetchone()[0]])
    info = connection.execute(f"PRAGMA table_info({table})").fetchall()
    keys, column = [c[1] for c in info if c[5]], random_.choice([c[1] for c in info if not c[5]] or [info[-1][1]])
    count = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
    row = connection.execute(f"SELECT * FROM {table} LIMIT 1 OFFSET ?", [random_.randrange(count)]).fetchone()
    values: dict[str, Any] = dict(zip([c[1] for c in info], row, strict=True))
    where = " AND ".join(f'"{k}" = ?' for k in keys)
    change = f'UPDATE {table} SET "{column}" = ? WHERE {where}'
    connection.execute(change, [flipped(values[column], random_), *(values[k] for k in keys)])
    connection.commit()
    start = time.perf_counter()
    faults = verify(f"sqlite:///{file}", [key]).faults
    took = time.perf_counter() - start
    connection.execute(change, [values[column], *(values[k] for k in keys)])
    connection.commit()
    number = values.get({"versions": "number", "figures": "version", "gaps": "version"}.get(table, ""))
    hits = [f for f in faults if f.table == table and (number is None or f.version == number)]
    place = ", ".join(f"{k} {values[k]}" for k in keys)
    print(f"{table}.{column}, {place}: {hits[0] if hits else 'NOT LOCATED'}", flush=True)
    return bool(hits), took


def flipped(value: Any, random_: random.Random) -> Any:
    """One bit or one character of it changed."""
    if value is None:
        return 1
    if isinstance(value, int):
        return value ^ (1 << random_.randrange(8))
    at = random_.randrange(max(1, len(value)))
    if isinstance(value, bytes):
        return value[:at] + bytes([value[at] ^ (1 << random_.randrange(8))]) + value[at + 1 :]
    return value[:at] + ("x" if value[at : at + 1] != "x" else "y") + value[at + 1 :]


if __name__ == "__main__":
    main()
