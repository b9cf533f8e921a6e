"""Russia 2012 played as a night in four orders, beside the official result and a printed count at 99.3 %.

    python studies/replay_2012.py ../shared/data > studies/results/replay_2012.txt

Every protocol goes through the record, durably, one in a hundred with an error first that a later version corrects.
Every state that is printed is a bulletin that was published of it: counted by two paths, signed, immutable.
The printed count (5 March 2012): "after proceeding 99.3% of protocols", with the shares below, in per cent of
ballots cast. The orders are those of a rehearsal: nobody says that the night of 2012 had one of them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tallyscope import __version__
from tallyscope.ledger import store
from tallyscope.ledger.bulletins import publish
from tallyscope.ledger.night import play
from tallyscope.ledger.note import new_signer
from tallyscope.ledger.protocols import stations_of
from tallyscope.ledger.rehearsal import rehearse
from tallyscope.ledger.replay import due
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns
from tallyscope.tally import progress

ORIGIN = "tallyscope.example/replay-2012"
ORDERS = ("region", "tik", "random", "small-first")
PRINTED = {"putin": 63.75, "zyuganov": 17.19, "prokhorov": 7.82, "zhirinovsky": 6.23, "mironov": 3.85}


def main() -> None:
    """Prints one block an order."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(f"# tallyscope {__version__}, commit {commit.stdout.strip()}; python studies/replay_2012.py")
    returns = read(data / "russia-2012-president" / "2012.csv.zip")
    for order in ORDERS:
        with tempfile.TemporaryDirectory() as folder:
            night(returns, order, f"sqlite:///{folder}/night.db")


def night(returns: Returns, order: str, url: str) -> None:
    """One night: the bulletin nearest 99.3 % beside the printed count, and the last beside the official result."""
    rehearsal = rehearse(returns, order, corrections=0.01)
    moments = due(rehearsal.protocols, of=progress(returns).of, bulletins=10, at=["99.3"])
    nearest = due(rehearsal.protocols, of=progress(returns).of, at=["99.3"])[0]
    start = time.perf_counter()
    print(f"\n## {order}")
    signer = new_signer(ORIGIN)
    with store.Ledger.create(url, returns.election, stations_of(returns), origin=ORIGIN) as ledger:
        for processed, moment in play(ledger, rehearsal, moments):
            bulletin = publish(ledger, signer, by="replay", at=moment)
            shares = {c: bulletin.nation[f"share_{c}"] for c in PRINTED}
            said = ", ".join(f"{c} {share}" for c, share in shares.items())
            print(f"bulletin {bulletin.number}: {bulletin.processed:,} of {bulletin.of:,} protocols: {said}")
            if processed == nearest:
                print(f"   printed at 99.3 %: {', '.join(f'{c} {s:.2f}' for c, s in PRINTED.items())}")
                print(f"   difference, points: {_differences(shares)}")
        corrections = ledger.size - rehearsal.protocols
        print(f"{ledger.size:,} versions, {corrections:,} of them corrections; {time.perf_counter() - start:.0f} s")
        print(f"Merkle root {bulletin.root}")
    off = [f"{what} {n}" for what, n in _off(returns, bulletin.nation).items() if n]
    print("equal to the official result to the vote" if not off else f"differs from the official result: {off}")


def _off(returns: Returns, nation: dict[str, Any]) -> dict[str, int]:
    """Every figure of the official result that the registry knows: the last bulletin's less it."""
    official = returns.election.official
    assert official is not None
    declared = {**official.lines, **{f"votes_{c}": n for c, n in official.votes.items()}}
    assert len(official.votes) == len(returns.election.choices)
    return {what: nation[what] - n for what, n in declared.items()}


def _differences(shares: dict[str, str]) -> str:
    return ", ".join(f"{c} {float(shares[c]) - printed:+.2f}" for c, printed in PRINTED.items())


if __name__ == "__main__":
    main()
