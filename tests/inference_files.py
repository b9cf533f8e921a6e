"""The real files as a reader hands them to `infer`, and what their READMEs say that their columns are."""

from __future__ import annotations

import csv
import gzip
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tallyscope.returns.inference import Inference

__all__ = ["FILES", "RUSSIAN", "Truth", "load", "nameless", "targets", "truth"]

FILES = {
    "georgia-2013": "georgia-2013-president/precincts.csv.gz",
    "georgia-2016": "georgia-2016-parliament/precincts.csv.gz",
    "turkey-2017": "turkey-2017-referendum/boxes.csv.gz",
    "spain-2019": "spain-2019apr-congress/mesas.csv.gz",
    "albania-2017": "albania-2017-parliament/stations.csv.gz",
    "bolivia-2019": "bolivia-2019-president/final_2019-10-25.csv.gz",
    "bolivia-2019-trep": "bolivia-2019-president/trep_2019-10-20T19-40-57.csv.gz",
    "mexico-2018": "mexico-2018-quickcount/remesas.txt.gz",
    "belarus-2020": "belarus-2020-president/stations.csv.gz",
    "virginia-2017": "usa-virginia-2017-governor/precincts.csv.gz",
    "petersburg-2021": "russia-2021-stpetersburg/protocols.csv.gz",
    "russia-2004": "russia-2004-president/2004.csv.zip",
    "russia-2011": "russia-2011-duma/2011.csv.zip",
    "russia-2012": "russia-2012-president/2012.csv.zip",
    "russia-2018": "russia-2018-president/2018.csv.zip",
    "russia-2024": "russia-2024-president/2024.csv.zip",
    "russia-2024-electronic": "russia-2024-president/2024-electronic-voting.csv",
}
RUSSIAN = tuple(f"russia-{year}" for year in (2004, 2011, 2012, 2018, 2024))

#: The names of columns.csv -> roles.
_CANONICAL = {
    **{r: r for r in ("registered", "ballots_received", "issued_early", "issued_in_station", "cancelled")},
    **{r: r for r in ("invalid", "valid", "ballots_lost", "ballots_unaccounted")},
    **{"issued_at_home": "issued_outside", "in_portable_boxes": "portable", "in_stationary_boxes": "stationary"},
    **{
        "absentee_cert_received": "certificates_received",
        "absentee_cert_issued": "certificates_issued",
        "absentee_cert_used": "certificates_used",
        "absentee_cert_unused_cancelled": "certificates_unused",
        "absentee_cert_issued_by_tik": "certificates_issued_above",
        "absentee_cert_lost": "certificates_lost",
    },
}
#: Header -> role, as the READMEs explain the columns; choices as a pattern of their headers.
_ROLES: dict[str, tuple[dict[str, str], str]] = {
    "georgia-2013": (
        {
            **{c: c for c in ("registered", "voted_by_12", "voted_by_17", "voted", "ballots_received", "invalid")},
            "special_list": "added",
        },
        r"\d+ - ",
    ),
    "turkey-2017": (
        {c: c for c in ("registered", "voted", "valid", "invalid", "valid_undisputed", "valid_disputed")},
        "votes_",
    ),
    "spain-2019": (
        {
            **{c: c for c in ("registered", "blank", "invalid")},
            **{"voted_by_14h": "voted_by_14", "voted_by_18h": "voted_by_18", "party_votes": "for_choices"},
        },
        "votes_",
    ),
    "albania-2017": (
        {
            **{"zgjedhes": "registered", "meshkuj": "registered_men", "femra": "registered_women"},
            **{"totalVoters": "voted", "femVoters": "voted_women", "maleVoters": "voted_men"},
            **{"unusedBallots": "unused", "damagedBallots": "damaged"},
            **{"ballotsCast": "cast", "invalidVotes": "invalid", "validVotes": "valid"},
        },
        "(lsi|ps|pkd|sfida|pr|pd|pbdksh|adk|psd|ad|frd|pds|pdiu|aak|mega|pksh|apd|libra)$",
    ),
    "bolivia-2019": (
        {"Inscritos": "registered", "Blancos": "blank", "Nulos": "invalid"},
        "(CC|FPV|MTS|UCS|MAS - IPSP|21F|PDC|MNR|PAN-BOL)$",
    ),
}
_ROLES["georgia-2016"] = ({**_ROLES["georgia-2013"][0], "valid": "valid"}, r"\d+ - ")
_ROLES["bolivia-2019-trep"] = _ROLES["bolivia-2019"]


@dataclass(frozen=True)
class Truth:
    """Header -> role for the lines, and the headers of the choices in order."""

    roles: Mapping[str, str]
    choices: tuple[str, ...]


def load(folder: Path, name: str) -> pl.DataFrame:
    """The file as text, whole-number columns without leading zeros as Int64: as the reader hands it over."""
    path = folder / FILES[name]
    if path.suffix == ".zip":
        archive = zipfile.ZipFile(path)
        data = archive.read(archive.namelist()[0])
    else:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if name.startswith("mexico"):
        frame = pl.read_csv(data.split(b"\n", 1)[1], infer_schema=False, separator="|")
    else:
        frame = pl.read_csv(data, infer_schema=False)
    # polars leaves doubled quotes in headers as they are.
    frame = frame.rename({c: c.replace('""', '"') for c in frame.columns})
    whole = [c for c in frame.columns if frame[c].drop_nulls().str.contains(r"^(0|[1-9]\d{0,14})$").all()]
    return frame.with_columns(pl.col(whole).cast(pl.Int64))


def truth(folder: Path, name: str, headers: Sequence[str]) -> Truth:
    """What the columns of a file are, from its README or its columns.csv."""
    if name in _ROLES:
        roles, pattern = _ROLES[name]
        return Truth(roles, tuple(c for c in headers if re.match(pattern, c)))
    listed = (folder / FILES[name]).parent / "columns.csv"
    rows = list(csv.DictReader(listed.open(encoding="utf-8")))
    lines = {r["header"]: _CANONICAL[r["canonical"]] for r in rows if r["canonical"] in _CANONICAL}
    return Truth(lines, tuple(r["header"] for r in rows if r["canonical"] == "votes"))


def nameless(frame: pl.DataFrame) -> pl.DataFrame:
    """The same columns, called c1 ... cN."""
    return frame.rename({c: f"c{i}" for i, c in enumerate(frame.columns, start=1)})


def targets(inference: Inference, headers: Sequence[str]) -> dict[str, str]:
    """Header -> target, by position: for frames whose headers were taken away."""
    return {c: g.target for c, g in zip(headers, inference.guesses, strict=True)}
