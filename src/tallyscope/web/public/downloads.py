"""The files that can be taken away: every station, version and correction, in formats that programs read.

CSV goes through `returns.writers.neutralised`: a spreadsheet shows it and never runs it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl

from tallyscope.returns.writers import neutralised
from tallyscope.web.public.history import TIME, changes
from tallyscope.web.public.nist import election_report
from tallyscope.web.public.published import BulletinHead, Published, Unit
from tallyscope.web.public.record import bundle, bundles, roots
from tallyscope.web.public.view import progress_of

__all__ = ["data_paths", "data_since", "download"]


_CORRECTIONS: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("station", "source", "stage"), pl.String),
    "accepted_at": TIME,
    "reason": pl.String,
    **dict.fromkeys(("replaced", "version"), pl.Int64),
    "figure": pl.String,
    **dict.fromkeys(("before", "after"), pl.Int64),
}


def data_paths(published: Published) -> Iterator[str]:
    """The paths of all files that are not pages."""
    yield from (f"data/{name}" for name in _FILES)
    yield from (f"data/bulletins/{head.number}.csv" for head in published.bulletins)
    if published.leaves:
        yield from (f"record/{k}.jsonl" for k in range(bundles(published.leaves)))
        yield "record/roots.txt"
        for head in published.bulletins:
            if head.packed:
                yield from (f"record/bulletins/{head.number:04d}.{kind}" for kind in ("json", "checkpoint"))


def data_since(published: Published, path: str) -> int:
    """The number of the bulletin that last changed a file. Raises KeyError, IndexError or ValueError for none."""
    folder, _, name = path.rpartition("/")
    if folder == "data/bulletins":
        return published.head(int(name.removesuffix(".csv"))).number
    if folder == "record/bulletins":
        return published.head(int(name.partition(".")[0])).number
    if folder == "record" and name != "roots.txt":
        last = min((int(name.removesuffix(".jsonl")) + 1) * 256, published.latest.size)
        return min(head.number for head in published.bulletins if head.size >= last)
    return published.latest.number


def download(published: Published, path: str) -> bytes:
    """The file under a path. Raises KeyError, IndexError or ValueError if there is none."""
    folder, _, name = path.rpartition("/")
    if folder == "data":
        return _FILES[name](published)
    stem, _, kind = name.partition(".")
    if folder == "record/bulletins":
        return _signed(published, stem, kind)
    if not (stem.isascii() and (stem.isdigit() or stem == "roots")) or stem != (stem.lstrip("0") or "0"):
        raise KeyError(path)
    if folder == "data/bulletins" and kind == "csv":
        return _bulletin(published, published.head(int(stem)))
    if folder == "record" and published.leaves:
        if name == "roots.txt":
            return "".join(f"{root.hex()}\n" for root in roots(published.leaves)).encode()
        if kind == "jsonl":
            return bundle(published.leaves, int(stem))
    raise KeyError(path)


def _signed(published: Published, stem: str, kind: str) -> bytes:
    """A bulletin as it was hashed, or its signed checkpoint. Raises KeyError, ValueError."""
    head = published.head(int(stem))
    if stem != f"{head.number:04d}" or not head.packed:
        raise KeyError(stem)
    return {"json": head.body, "checkpoint": head.checkpoint.encode()}[kind]


def _csv(frame: pl.DataFrame) -> bytes:
    return neutralised(frame).write_csv(datetime_format="%Y-%m-%dT%H:%M:%SZ").encode()


def _stations(published: Published) -> bytes:
    known = {"version": "version", "at": "accepted_at", "stage": "stage"}
    columns = [*published.returns.levels, "station", "kind", "status", *known, *published.returns.figures]
    return _csv(published.stations.select(columns).rename(known))


def _missing(published: Published) -> bytes:
    out = (pl.col("kind") == "station") & (pl.col("status") == "empty") & pl.col("version").is_null()
    lists = [c for c in ("registered_before",) if c in published.returns.table.columns]
    return _csv(published.stations.filter(out).select(*published.returns.levels, "station", *lists))


def _versions(published: Published) -> bytes:
    return _csv(published.history)


def _corrections(published: Published) -> bytes:
    rows = [
        (c.station, c.source, c.stage, c.at, c.reason, c.supersedes, c.number, figure, before, after)
        for c in changes(published.history)
        for figure, (before, after) in c.figures.items()
    ]
    return _csv(pl.DataFrame(rows, schema=_CORRECTIONS, orient="row"))


def _bulletin(published: Published, head: BulletinHead) -> bytes:
    before = published.before(head)
    first = before.size if before else 0
    return _csv(published.history.slice(first, head.size - first))


def _results(published: Published) -> bytes:
    head = published.latest
    found = published.outcome
    value = {
        "election": {"id": published.returns.election.id, "title": published.returns.election.title},
        "bulletin": head.number,
        "published_at": head.published_at.isoformat(),
        "record": {"size": head.size, "root": head.root, "checkpoint": head.checkpoint},
        "shares_of": published.returns.election.form.denominator,
        "outcome": None if found is None else {"status": found.status, "elected": found.elected},
        "units": [_unit(published, unit) for unit in published.units],
    }
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode()


def _unit(published: Published, unit: Unit) -> dict[str, Any]:
    done, of = progress_of(published, unit)
    figures = {c: unit.figures[c] for c in published.returns.figures}
    shares = {c.id: unit.figures[f"share_{c.id}"] for c in published.returns.choices}
    return {
        "level": unit.level,
        "path": unit.path,
        "page": unit.number,
        "processed": done,
        "of": of,
        "figures": figures,
        "turnout": unit.figures["turnout"],
        "shares": shares,
        "last_changed_by_bulletin": unit.since,
    }


def _nist(published: Published) -> bytes:
    return json.dumps(election_report(published), ensure_ascii=False, separators=(",", ":")).encode()


def _openelections(published: Published) -> bytes:
    """county, precinct, office, district, party, candidate, votes: one row a station and choice."""
    returns = published.returns
    levels, names = returns.levels, {f"votes_{c.id}": c.name for c in returns.choices}
    table = published.stations.filter(pl.col("version").is_not_null(), pl.col("status") != "empty")
    county = pl.concat_str(levels, separator=" / ", ignore_nulls=True) if levels else pl.lit("")
    rows = table.select(
        county.alias("county"), pl.col("station").alias("precinct"), *(pl.col(c) for c in names)
    ).unpivot(list(names), index=["county", "precinct"], variable_name="candidate", value_name="votes")
    return _csv(
        rows.select(
            "county",
            "precinct",
            pl.lit(returns.election.title).alias("office"),
            pl.lit("").alias("district"),
            pl.lit("").alias("party"),
            pl.col("candidate").replace_strict(names),
            "votes",
        )
    )


_FILES: Mapping[str, Callable[[Published], bytes]] = {
    "stations.csv": _stations,
    "results.json": _results,
    "missing.csv": _missing,
    "versions.csv": _versions,
    "corrections.csv": _corrections,
    "nist-1500-100.json": _nist,
    "openelections.csv": _openelections,
}
