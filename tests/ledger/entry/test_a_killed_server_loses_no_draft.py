"""The process that takes drafts is killed while it takes them: what it acknowledged is there, whole."""

from __future__ import annotations

import subprocess
import sys

import polars as pl

from ledger.entry.papers import ELECTION
from tallyscope.ledger.entry.desk import Desk
from tallyscope.ledger.entry.drafts import open_draft
from tallyscope.ledger.store import Ledger

#: A clerk who types one figure after another for ever; a line is printed when the draft is acknowledged.
CLERK = """
import sys
from tallyscope.ledger.entry import events as e
from tallyscope.ledger.entry.desk import Desk
from tallyscope.ledger.entry.drafts import save_draft
from tallyscope.ledger.store import Ledger

desk = Desk(Ledger.open(sys.argv[1]))
desk.happen(1, e.Begin(), who="anna", seen=0)
serial = 0
while True:
    serial = save_draft(desk, 1, "anna", {"registered": str(serial), "valid": str(serial)}, serial).serial
    print(serial, flush=True)
"""


def test_what_was_acknowledged_as_saved_is_there_after_the_process_is_killed(database_url: str) -> None:
    stations = pl.DataFrame({"region": ["North"], "territory": ["T0"], "station": ["1"]})
    Ledger.create(database_url, ELECTION, stations).close()
    clerk = subprocess.Popen([sys.executable, "-c", CLERK, database_url], stdout=subprocess.PIPE, text=True)
    assert clerk.stdout is not None
    acknowledged = [int(clerk.stdout.readline()) for _ in range(7)]
    clerk.kill()
    acknowledged += [int(line) for line in clerk.stdout.read().split()]
    clerk.wait()
    with Ledger.open(database_url) as ledger:
        desk = Desk(ledger)
        draft = open_draft(desk, 1, "anna")
        assert draft.serial in (acknowledged[-1], acknowledged[-1] + 1)
        assert draft.texts == {"registered": str(draft.serial - 1), "valid": str(draft.serial - 1)}
        assert desk.look(1).sheet.at_work == "anna"
