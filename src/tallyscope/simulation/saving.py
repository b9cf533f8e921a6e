"""A simulation as files: the returns as tables that are read back exactly, and the truth beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tallyscope.returns.mapping import ColumnMapping
from tallyscope.returns.mapping_file import write_mapping
from tallyscope.returns.table import ATTRIBUTES, Returns
from tallyscope.returns.writers import safe_csv
from tallyscope.simulation.truth import Simulation
from tallyscope.version import __version__

__all__ = ["mapping_of", "truth_of", "truth_table", "write_simulation"]


def write_simulation(simulation: Simulation, folder: Path, how: Mapping[str, Any]) -> None:
    """Writes returns.csv, returns.parquet, mapping.toml, truth.json and truth.csv into `folder`, which exists.

    `how`: what the clean election was drawn with, JSON-ready. The mapping names the form and every column; with it
    both tables are read as they were.
    """
    table = simulation.returns.table.select(*simulation.returns.levels, *_written(simulation.returns))
    table.write_parquet(folder / "returns.parquet", compression="zstd")
    times = [pl.col(c).dt.strftime("%Y-%m-%dT%H:%M:%S") for c, kind in table.schema.items() if kind == pl.Datetime]
    safe_csv(table.with_columns(times), folder / "returns.csv")
    (folder / "mapping.toml").write_text(write_mapping(mapping_of(simulation.returns)), encoding="utf-8")
    told = json.dumps(truth_of(simulation, how), ensure_ascii=False, indent=2, allow_nan=False, default=str)
    (folder / "truth.json").write_text(told + "\n", encoding="utf-8")
    safe_csv(truth_table(simulation), folder / "truth.csv")


def mapping_of(returns: Returns) -> ColumnMapping:
    """How the columns of the table that is written are to be read."""
    same = {c: c for c in _written(returns)}
    choices = dict(zip(returns.votes_columns, returns.choices, strict=True))
    levels = {level: f"level:{level}" for level in returns.levels}
    return ColumnMapping(
        columns={**levels, **same, **{c: f"choice:{choice.id}" for c, choice in choices.items()}},
        levels=returns.levels,
        title=returns.election.title,
        denominator=returns.election.form.denominator,
        choice_names={c.id: c.name for c in choices.values()},
        form=returns.election.form.id,
    )


def _written(returns: Returns) -> list[str]:
    """The columns after the levels, without those that a reader makes itself (kind, status, what nobody knows)."""
    return ["station", *(c for c in (*ATTRIBUTES, *returns.figures) if returns.has(c))]


def truth_of(simulation: Simulation, how: Mapping[str, Any]) -> dict[str, Any]:
    """Everything but what was done at each station: JSON-ready."""
    before, after = (_totals(r) for r in (simulation.clean, simulation.returns))
    each = ("stations", "added", "gained")
    done = [{k: v for k, v in t.as_dict().items() if k not in each} for t in simulation.truths]
    for truth, entry in zip(simulation.truths, done, strict=True):
        entry["changed_stations"] = int(truth.stations.size)
    return {
        "notice": "A simulation: no such election was held, and no vote is real.",
        "tallyscope": __version__,
        "election": simulation.returns.election.id,
        "title": simulation.returns.election.title,
        "stations": len(simulation.returns),
        "drawn": dict(how),
        "clean_totals": before,
        "totals": after,
        "mechanisms": done,
    }


def _totals(returns: Returns) -> dict[str, int]:
    return {
        c: int(v or 0) for c, v in returns.table.select(pl.col(returns.figures).sum()).row(0, named=True).items()
    }


def truth_table(simulation: Simulation) -> pl.DataFrame:
    """One row a mechanism and station that it changed: its number among the stations (from 1), its place, and what
    was added to each line (negative: taken away). Lines that no mechanism changed are left out.
    """
    lines = [c for c in simulation.returns.figures if any(c in t.lines for t in simulation.truths)]
    places = simulation.returns.table.select(*simulation.returns.levels, "station")
    parts = [
        pl.DataFrame({"number": [i] * t.stations.size, "mechanism": [t.mechanism] * t.stations.size}).with_columns(
            pl.Series("row", t.stations + 1),
            *places[t.stations.tolist()].get_columns(),
            *(pl.Series(c, t.lines[c]) if c in t.lines else pl.lit(0, dtype=pl.Int64).alias(c) for c in lines),
        )
        for i, t in enumerate(simulation.truths, 1)
    ]
    schema = {"number": pl.Int64(), "mechanism": pl.String(), "row": pl.Int64()}
    schema |= dict.fromkeys(places.columns, pl.String()) | dict.fromkeys(lines, pl.Int64())
    return pl.concat([pl.DataFrame(schema=schema), *parts])
