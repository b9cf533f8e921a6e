"""A replay killed with SIGKILL at 200 random moments: is a protocol lost that was acknowledged, or counted twice?

    export PYTHONPATH=tests
    python studies/kill_9.py ../shared/data > studies/results/kill_9_sqlite.txt
    python studies/kill_9.py ../shared/data postgresql://USER@HOST/NAME > studies/results/kill_9_postgresql.txt

The protocols of Russia 2012's smallest regions, 25 a transaction, one in ten with an error first. Every run goes
on where the record stands; when the night is over another begins. After each kill the record is opened and verified
whole: every acknowledged version is there with the hash it was acknowledged with, every station is counted once,
the sums are those of the protocols, the Merkle tree follows from the leaves, and nothing else is wrong (`verify`).
What is killed is the writing process: with SQLite that is the database itself, with PostgreSQL its client. The
machine is not switched off; that what is acknowledged survives that rests on fsync (synchronous = FULL, or on).
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from sqlalchemy import create_engine, text

from killed_writer import check, kill
from tallyscope import __version__
from tallyscope.ledger.database import parsed
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns

KILLS = 200
#: A run is killed within so many seconds of its first protocol.
WITHIN = 0.6


def main() -> None:
    """One block a database."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    given = sys.argv[2] if len(sys.argv) > 2 else None
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(f"# tallyscope {__version__}, commit {commit.stdout.strip()}; python studies/kill_9.py")
    whole = read(data / "russia-2012-president" / "2012.csv.zip")
    sizes = whole.table.group_by("region").len().sort("len", "region")
    returns = whole.filter(pl.col("region").is_in(sizes["region"].head(8).implode()))
    with tempfile.TemporaryDirectory() as folder:
        killed(returns, given, Path(folder))


def killed(returns: Returns, server: str | None, folder: Path) -> None:
    """Kills writers until there are KILLS, and prints what was found."""
    moment, start = random.Random(200), time.perf_counter()
    kills, nights, acknowledged_ever, unacknowledged = 0, 0, 0, 0
    while kills < KILLS:
        url = new(server, folder, nights)
        acknowledged: dict[int, str] = {}
        kills += kill(url, returns, moment, batch=25, within=WITHIN, after="opens").killed
        check(url, returns, acknowledged)
        said = ""
        while kills < KILLS and said != "ends":
            run = kill(url, returns, moment, batch=25, within=WITHIN)
            acknowledged, said = acknowledged | run.acknowledged, run.said
            kills += run.killed
            size = check(url, returns, acknowledged)
        unacknowledged += size - len(acknowledged)
        acknowledged_ever += len(acknowledged)
        nights += said == "ends"
        print(
            f"   {kills} kills, {size:,} versions in this night, {time.perf_counter() - start:.0f} s",
            file=sys.stderr,
        )
    print(f"\n## {'SQLite' if server is None else 'PostgreSQL'}")
    print(f"{kills} kills of a writer of {len(returns):,} protocols; {nights} nights came to their end")
    print(f"{acknowledged_ever:,} versions acknowledged: none lost, none counted twice, every record verified")
    print(f"{unacknowledged:,} versions in the record whose acknowledgement the kill cut off")
    print(f"{time.perf_counter() - start:.0f} s")


def new(server: str | None, folder: Path, number: int) -> str:
    """An empty database: a file, or a schema of its own in the database that was given."""
    if server is None:
        return f"sqlite:///{folder}/night{number}.db"
    name = f"kill_9_night_{number}"
    where = parsed(server)
    with create_engine(where).begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {name} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {name}"))
    here = where.update_query_dict({"options": f"-csearch_path={name}"})
    return here.render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
