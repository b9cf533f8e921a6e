"""The reference elections of the packaged rates, and where a folder of them has their files."""

from __future__ import annotations

from pathlib import Path

__all__ = ["REFERENCE", "UNDISPUTED", "reference_files", "undisputed_files"]

#: Elections whose structure clean countries are drawn like: folder and file. Whether one is disputed does not
#: matter here, since what is examined is drawn clean.
REFERENCE = (
    "russia-2004-president/2004.csv.zip",
    "russia-2011-duma/2011.csv.zip",
    "russia-2012-president/2012.csv.zip",
    "russia-2018-president/2018.csv.zip",
    "russia-2024-president/2024.csv.zip",
    "georgia-2013-president/precincts.csv.gz",
    "georgia-2016-parliament/precincts.csv.gz",
    "spain-2019apr-congress/mesas.csv.gz",
    "turkey-2017-referendum/boxes.csv.gz",
    "albania-2017-parliament/stations.csv.gz",
    "bolivia-2019-president/final_2019-10-25.csv.gz",
)

#: Real elections whose result all who took part accepted, as counted: where a method cries there, it is a false
#: alarm as far as anybody knows. Left out: Georgia 2016 (precincts annulled and run again), Albania 2017 (observers
#: wrote of votes bought, which leaves traces of its own), and every election whose result was contested.
UNDISPUTED = (
    "spain-2019apr-congress/mesas.csv.gz",
    "georgia-2013-president/precincts.csv.gz",
)


def reference_files(folder: Path) -> tuple[str, ...]:
    """The files of reference elections in a folder of them. Raises FileNotFoundError, naming every one missing."""
    return _found(folder, REFERENCE)


def undisputed_files(folder: Path) -> tuple[str, ...]:
    """Those of the undisputed ones. Raises FileNotFoundError likewise."""
    return _found(folder, UNDISPUTED)


def _found(folder: Path, wanted: tuple[str, ...]) -> tuple[str, ...]:
    missing = [f for f in wanted if not (folder / f).is_file()]
    if missing:
        raise FileNotFoundError(f"{folder} lacks {', '.join(missing)}")
    return tuple(str((folder / f).resolve()) for f in wanted)
