"""Territories and the shares they repeat, for every Russian file of the shared data.

python studies/repeated_shares_russia.py [DATA_FOLDER] > studies/results/repeated_shares_russia.txt
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tallyscope
from tallyscope import __version__
from tallyscope.forensics.finding import Finding, Place
from tallyscope.forensics.methods import method
from tallyscope.returns.datasets import stpetersburg

FILES = (
    "russia-2004-president/2004.csv.zip",
    "russia-2011-duma/2011.csv.zip",
    "russia-2012-president/2012.csv.zip",
    "russia-2018-president/2018.csv.zip",
    "russia-2024-president/2024.csv.zip",
)
#: Its tables are put together first.
CITY = "russia-2021-stpetersburg"
AT = 0.05


def main(folder: Path) -> None:
    """Prints every place at q <= .05 with its values, file after file."""
    print(f"tallyscope {__version__}; repeated-shares; places at q <= {AT}; p corrected for all values of a place")
    for file in (*FILES, CITY):
        returns = stpetersburg.returns(folder / file) if file == CITY else tallyscope.read(folder / file)
        found = method("repeated-shares").run(returns)
        print(f"\n== {file}\n{found.summary}")
        for line in lines(found):
            print(line)


def lines(found: Finding) -> Iterator[str]:
    """The places, the best first, the pairs and protocols, the low counts."""
    both = found.details["pairs"]["both"]
    yield f"same share and same turnout: {both['observed']:,} pairs, {both['expected']:,.0f} expected"
    same = found.details["identical_protocols"]
    yield f"identical protocols: {same['pairs']} pairs, at most {same['expected_at_most']:.1f} expected"
    for level in dict.fromkeys(p.level for p in found.where):
        places = [p for p in found.where if p.level == level and p.q_value is not None and p.q_value <= AT]
        yield f"-- {level}: {len(places)} of {found.details['places_tested'][level]:,}"
        for place in places:
            yield from told(place)
    for row in found.details["low_counts"]:
        counts = f"0: {row['zero']}, 1: {row['one']}, 2: {row['two']} stations"
        yield f"low counts, {' / '.join(row['unit'])}, {row['choice']}: {counts} (q = {row['q_value']:.1g})"


def told(place: Place) -> Iterator[str]:
    """One place: every value that stands out."""
    q, stations = place.q_value, place.details["stations"]
    yield f"{' / '.join(place.unit)} ({stations} stations, q = {q:.1g})"
    for value in place.details["values"]:
        if value["p_value"] <= AT:
            yield f"    {what(value)}: {value['sharing']} stations, {value['expected']:.1f} expected"


def what(value: dict[str, Any]) -> str:
    """share 62.2 %; turnout 85.0 %; both of them."""
    parts = (("share", value["share_percent"]), ("turnout", value["turnout_percent"]))
    return " and ".join(f"{name} {percent:.1f} %" for name, percent in parts if percent is not None)


if __name__ == "__main__":
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
