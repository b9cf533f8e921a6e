"""A replay that is killed with SIGKILL at random moments and goes on where the record stands; what must hold then.

Used by the tests a few times and by `studies/kill_9.py` two hundred times a database. The writer is another
process; what it was told is accepted it writes into a pipe, so that the pipe knows what was acknowledged.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tallyscope.ledger.night import play
from tallyscope.ledger.protocols import stations_of
from tallyscope.ledger.rehearsal import Rehearsal, rehearse
from tallyscope.ledger.replay import due
from tallyscope.ledger.store import Ledger, Unavailable
from tallyscope.ledger.verify import verify
from tallyscope.ledger.version import Version
from tallyscope.returns.table import Returns
from tallyscope.tally import progress, tally

__all__ = ["Killed", "check", "kill", "night"]


#: What the writer has said at a moment.
_MOMENTS = {"opens": b"opens\n", "plays": b"plays\n", "accepts": rb"[0-9a-f]{64}\n"}


@dataclass(frozen=True)
class Killed:
    """One run: versions acknowledged in it, whether it was killed (or had ended before), and its last words."""

    acknowledged: dict[int, str]
    killed: bool
    said: str


def night(returns: Returns) -> Rehearsal:
    """The night that is played again and again: one protocol in ten comes in with an error first."""
    return rehearse(returns, "random", corrections=0.1)


class Resumed:
    """A ledger that is given the whole night again: what the record has already is not accepted twice."""

    def __init__(self, ledger: Ledger, told: int) -> None:
        self.ledger, self.told = ledger, told
        self.there = ledger.size
        self.given = 0

    def accept(self, versions: Sequence[Version], *, at: datetime | None = None) -> list[Version]:
        first, self.given = self.given, self.given + len(versions)
        if first < self.there:
            # A batch is in the record as a whole or not at all.
            assert self.given <= self.there
            return [replace(v, number=first + i) for i, v in enumerate(versions)]
        accepted = self.ledger.accept(versions, at=at)
        lines = "".join(f"{v.number} {v.leaf_hash().hex()}\n" for v in accepted)
        os.write(self.told, lines.encode())
        return accepted


def write(url: str, returns: Returns, batch: int, told: int) -> None:
    """The process that is killed."""
    os.write(told, b"opens\n")
    try:
        ledger = Ledger.open(url)
    except Unavailable:
        ledger = Ledger.create(url, returns.election, stations_of(returns))
    with ledger:
        rehearsal = night(returns)
        os.write(told, b"plays\n")
        for _ in play(Resumed(ledger, told), rehearsal, due(rehearsal.protocols), batch=batch):
            pass
    os.write(told, b"ends\n")


def kill(
    url: str, returns: Returns, moment: random.Random, *, batch: int, within: float, after: str = "plays"
) -> Killed:
    """Kills the writer at a random moment `within` seconds after it "opens" the count, "plays" or "accepts"."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["killed_writer"])
    reads, told = context.Pipe(duplex=False)
    process = context.Process(target=_write, args=(url, returns, batch, told))
    process.start()
    told.close()
    words = b""
    while not re.search(_MOMENTS[after], words) and (more := os.read(reads.fileno(), 1 << 16)):
        words += more
    time.sleep(moment.uniform(0, within))
    process.kill()
    while more := os.read(reads.fileno(), 1 << 16):
        words += more
    process.join()
    lines = words.decode().splitlines()
    whole = [line.split() for line in lines if len(line.split()) == 2 and len(line.split()[1]) == 64]
    return Killed({int(n): hash for n, hash in whole}, process.exitcode == -signal.SIGKILL, lines[-1])


def _write(url: str, returns: Returns, batch: int, told: object) -> None:
    write(url, returns, batch, told.fileno())  # type: ignore[attr-defined]


def check(url: str, returns: Returns, acknowledged: dict[int, str]) -> int:
    """Raises AssertionError unless the record holds; returns its size, or -1 if it had not been opened yet."""
    try:
        ledger = Ledger.open(url)
    except Unavailable:
        assert not acknowledged
        return -1
    with ledger:
        kept = {v.number: v.leaf_hash().hex() for v in ledger.versions()}
        assert acknowledged.items() <= kept.items(), "an acknowledged protocol is lost"
        state = ledger.returns()
        stations = {v.station for v in ledger.versions()}
        done = progress(state)
        pseudo = state.table.filter(kind="pseudo", status="reported").height
        assert done.processed + pseudo == len(stations), "a protocol is counted twice, or not at all"
        assert ledger.tally().equals(tally(state)), "the sums are not those of the protocols"
        assert verify(url).faults == ()
        if len(kept) == night(returns).night.protocol.size:
            for figure in returns.figures:
                assert state.table[figure].sum() == returns.table[figure].sum()
        return len(kept)
