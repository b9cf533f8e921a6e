"""The public pages of Russia 2012: export to a folder, and readers on loopback, served by a second process.

    python benchmarks/bench_public.py                  # about three minutes; needs `wrk`
    python benchmarks/bench_public.py --seconds 5      # shorter runs of readers

A night is played into SQLite in the order of size, with bulletins at 10, 30 and 60 % of the protocols, and at 99.3.
Measured: loading a bulletin, the first export and the next one; requests a second and p99 of the live service
(first page, pages of commissions drawn at random, the first page while a new bulletin comes in) and of the exported
folder.
No budget is set for these: the figures are printed, and a request that fails ends the script.
"""

from __future__ import annotations

import argparse
import random
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from urllib.request import urlopen

from common import RUSSIA_2012, peak_memory_mb
from tallyscope.ledger.bulletins import publish as release
from tallyscope.ledger.night import play
from tallyscope.ledger.note import new_signer
from tallyscope.ledger.protocols import stations_of
from tallyscope.ledger.rehearsal import Rehearsal, rehearse
from tallyscope.ledger.replay import due
from tallyscope.ledger.store import Ledger
from tallyscope.returns.reading.read import read
from tallyscope.web.public.export import publish
from tallyscope.web.public.source import LedgerBulletins

ORIGIN = "bench.example/count"
CONNECTIONS = 32
FIRST, LATER = ("10", "30", "60"), "99.3"


def main() -> None:
    """Plays, exports, serves, and prints a line a measurement."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10, help="of each run of readers")
    seconds = parser.parse_args().seconds
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed: it plays the readers.")
    with tempfile.TemporaryDirectory() as name:
        run(Path(name), seconds)


def run(folder: Path, seconds: int) -> None:
    """One night in `folder`."""
    returns, signer = read(RUSSIA_2012), new_signer(ORIGIN)
    rehearsal = rehearse(returns, "small-first", corrections=0.003)
    url, site = f"sqlite:///{folder}/count.db", folder / "site"
    stations = stations_of(returns).with_columns(returns.table["registered"].alias("registered_before"))
    with Ledger.create(url, returns.election, stations, origin=ORIGIN) as ledger:
        night = nights(ledger, rehearsal)
        for _ in FIRST:
            at = next(night)
            begun = time.perf_counter()
            number = release(ledger, signer, by="bench", at=at).number
            print(f"bulletin {number} released: {time.perf_counter() - begun:.1f} s")
        exported(ledger, site, "first export")
        pages = [f"/en/u/{n}.html" for n in random.Random(1).sample(range(90, 2800), 200)]
        with serving("live", url) as base:
            print(f"live, first request: {timed(base + '/en/index.html'):.1f} s")
            readers("live, first page", base, ["/en/index.html"], seconds)
            readers("live, commissions, first time", base, pages, seconds)
            readers("live, commissions, again", base, pages, seconds)
            at = next(night)
            begun = time.perf_counter()
            with background(base, "/en/index.html", 3 * seconds) as asked:
                release(ledger, signer, by="bench", at=at)
                print(f"next bulletin released under load: {time.perf_counter() - begun:.1f} s")
            told("live, first page while a bulletin comes in", asked())
        exported(ledger, site, "export of the next bulletin")
        exported(ledger, site, "export of the same bulletin")
        with serving("static", str(site)) as base:
            readers("exported folder, first page", base, ["/en/index.html"], seconds)
            readers("exported folder, commissions", base, pages, seconds)
    print(f"peak memory of the exporting process: {peak_memory_mb():,.0f} MB")


def nights(ledger: Ledger, rehearsal: Rehearsal) -> Iterator[object]:
    """Accepts protocols up to each moment, and says when it is."""
    moments = due(rehearsal.protocols, at=[*FIRST, LATER])[: len(FIRST) + 1]
    for _done, when in play(ledger, rehearsal, moments):
        yield when


def exported(ledger: Ledger, site: Path, what: str) -> None:
    """Loads the newest bulletin and exports it."""
    begun = time.perf_counter()
    source = LedgerBulletins(ledger)
    number = source.newest()
    assert number is not None
    published = source.load(number)
    loaded = time.perf_counter() - begun
    done = publish(published, site)
    took = time.perf_counter() - begun - loaded
    print(
        f"{what}: loaded in {loaded:.1f} s, exported in {took:.1f} s; {done.written:,} files written, "
        f"{done.kept:,} kept, {done.size / 1e6:,.0f} MB"
    )


def serve(kind: str, where: str, port: int) -> None:
    """The second process: the service over a database, or a folder as a simple web server has it."""
    import uvicorn

    if kind == "live":
        from tallyscope.web.app import create_app
        from tallyscope.web.settings import Settings

        app = create_app(Settings(secrets.token_bytes(32)), Ledger.open(where))
    else:
        from starlette.applications import Starlette
        from starlette.routing import Mount
        from starlette.staticfiles import StaticFiles

        app = Starlette(routes=[Mount("/", StaticFiles(directory=where, follow_symlink=True))])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


@contextmanager
def serving(kind: str, where: str) -> Iterator[str]:
    """The address of a second process that serves, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = get_context("spawn").Process(target=serve, args=(kind, where, port), daemon=True)
    process.start()
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.join()


def timed(address: str) -> float:
    """Seconds of one request."""
    begun = time.perf_counter()
    with urlopen(address, timeout=120) as answer:
        answer.read()
    return time.perf_counter() - begun


def wrk(base: str, paths: list[str], seconds: int) -> list[str]:
    """The command that asks for the paths in turn over some connections."""
    script = Path(tempfile.mkstemp(suffix=".lua")[1])
    listed = ", ".join(f'"{path}"' for path in paths)
    script.write_text(
        f"paths = {{{listed}}}\nn = 0\n"
        'request = function() n = n % #paths + 1; return wrk.format("GET", paths[n], '
        '{["Accept-Encoding"] = "gzip"}) end\n'
    )
    return ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script), base]


def readers(what: str, base: str, paths: list[str], seconds: int) -> None:
    """Readers who ask for the paths; one line of what they got."""
    done = subprocess.run(
        wrk(base, paths, seconds), capture_output=True, text=True, check=True, timeout=seconds + 60
    )
    told(what, done.stdout)


@contextmanager
def background(base: str, path: str, seconds: int) -> Iterator[object]:
    """Readers who go on asking while the block runs; what is yielded waits for them and gives what they got."""
    process = subprocess.Popen(wrk(base, [path], seconds), stdout=subprocess.PIPE, text=True)
    yield lambda: process.communicate(timeout=seconds + 60)[0]


def told(what: str, output: str) -> None:
    """Requests a second and latencies out of what wrk printed. Ends the script if a request failed."""
    if failed := re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", output):
        sys.exit(f"{what}: {failed[0]}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])  # type: ignore[index]
    half, most = (re.search(rf"{p}%\s+(\S+)", output)[1] for p in (50, 99))  # type: ignore[index]
    size = re.search(r"Transfer/sec:\s+(\S+)", output)[1]  # type: ignore[index]
    print(f"{what}: {rate:,.0f} requests a second, median {half}, p99 {most}, {size} a second")


if __name__ == "__main__":
    main()
