"""Draws docs/claims.svg: the preliminary count of Russia 2012 beside what was possible.

python docs/draw_claims.py ../shared/data/russia-2012-president/2012.csv.zip
"""

from __future__ import annotations

import sys
from pathlib import Path

from tallyscope.charts.claimed import possible_shares
from tallyscope.charts.export import to_svg
from tallyscope.claims.checks.count import count_of
from tallyscope.claims.checks.preliminary import check_preliminary
from tallyscope.claims.checks.printed import Printed
from tallyscope.returns.reading.read import read

PRINTED = {"putin": "63.75", "zyuganov": "17.19", "prokhorov": "7.82", "zhirinovsky": "6.23", "mironov": "3.85"}


def main() -> None:
    """One picture."""
    count = count_of(read(Path(sys.argv[1])))
    shares = {choice: Printed.of(text) for choice, text in PRINTED.items()}
    found = check_preliminary(count, shares, Printed.of("99.3"))
    chart = possible_shares(found.details, {c.id: c.name for c in count.election.choices})
    (Path(__file__).parent / "claims.svg").write_text(to_svg(chart), encoding="utf-8")


if __name__ == "__main__":
    main()
