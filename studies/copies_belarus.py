"""Belarus 2020: official protocols, ballots that voters photographed, observers' reports; what bounds they give.

python studies/copies_belarus.py ../shared/data/belarus-2020-president > studies/results/copies_belarus.txt
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import polars as pl

from tallyscope.election.election import Choice
from tallyscope.report.words import count, percent
from tallyscope.returns.mapping import ColumnMapping
from tallyscope.returns.reading.read import read
from tallyscope.returns.table import Returns
from tallyscope.verification.beside import Beside, beside
from tallyscope.verification.reports import reported_beside
from tallyscope.verification.rest import rest_of
from tallyscope.verification.seen import choice_bounds, seen_beyond

PHOTOS = {
    "lukashenko": "lukashenko_photoVoices",
    "tikhanovskaya": "tihanovkaja_photoVoices",
    "kanopatskaya": "kanopatskaja_photoVoices",
    "dmitriyev": "dmitriyev_photoVoices",
    "cherechen": "cherechen_photoVoices",
    "against_all": "against_photoVoices",
}
REPORTS = (
    *("wrong-voters-number", "no-let-observer-in", "late-report", "non-transparent-counting"),
    *("force-beforehand-voting", "observer-limitations", "home-voting-violation"),
)
REGIONS = {1: "Brest", 2: "Vitebsk", 3: "Gomel", 4: "Grodno", 5: "Minsk region", 6: "Mogilev", 7: "Minsk"}


def cleaned(folder: Path) -> pl.DataFrame:
    """The platform's table as text. Three negative counts in it are figures nobody can have copied: illegible."""
    table = pl.read_csv(folder / "stations.csv.gz", infer_schema=False)
    figures = pl.col("^.*_officialVotes$")
    region = pl.col("region").cast(pl.Float64).cast(pl.Int64).replace_strict(REGIONS, default="abroad, unknown")
    return table.with_columns(
        pl.when(figures.str.starts_with("-")).then(pl.lit("?")).otherwise(figures).name.keep(), region=region
    )


def tables(folder: Path) -> tuple[Returns, Returns]:
    """The official protocols, and the ballots seen as a table of the same stations."""
    columns = {"region": "level:region", "id": "station", **{h: f"choice:{c}" for c, h in PHOTOS.items()}}
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "stations.csv"
        table = cleaned(folder)
        table.write_csv(file)
        ignored = {c: "ignore" for c in table.columns if c not in columns}
        mapping = ColumnMapping(columns | ignored, ("region",), "Ballots photographed by voters")
        return read(file, election="BY-PRES-2020"), read(file, mapping=mapping)


def main() -> None:
    """Prints the worked example."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    official, seen = tables(folder)
    second = official.election.choice("tikhanovskaya")
    compared = beside(official, seen)
    print(f"{official.election.title}\n")
    print(f"{count(compared.compared)} of {count(len(official))} stations have an official protocol that is known.")
    print("They are nobody's random draw: differences and bounds follow, of these stations alone.")
    _bounds(compared)
    _by_region(compared, second)
    _rest(official)
    _reports(official, folder, second)


def _bounds(compared: Beside) -> None:
    print("\nVotes announced, and ballots that voters photographed")
    for b in choice_bounds(compared):
        print(f"  {b.choice.name}: announced {count(b.announced)}, seen {count(b.seen)}")
        print(f"    fewer announced than seen in {count(b.below)} stations, by at least {count(b.missing)} votes")
        if b.beyond is not None:
            left = "more announced than the ballots seen for others leave"
            print(f"    {left} in {count(b.above)} stations, by at least {count(b.beyond)} votes")


def _by_region(compared: Beside, choice: Choice) -> None:
    print(f"\n{choice.name}, by region")
    for row in seen_beyond(compared, choice, "region").iter_rows(named=True):
        announced, seen = f"announced {count(row['announced'])}", f"seen {count(row['seen'])}"
        short = f"fewer announced than seen in {count(row['below'])}, by {count(row['missing'])}"
        print(f"  {row['region']}: {count(row['stations'])} stations, {announced}, {seen}; {short}")


def _rest(official: Returns) -> None:
    print("\nWhat the announced national totals leave for every other station (shares of ballots cast)")
    for r in rest_of(official):
        known = f"{count(r.known_votes)} in {count(r.stations)} known protocols ({percent(r.known_share)})"
        print(f"  {r.choice.name}: {known}, {percent(r.known_part)} of the national total")
        print(f"    the rest: {count(r.votes)} of {count(r.ballots)} ballots ({percent(r.share)})")


def _reports(official: Returns, folder: Path, choice: Choice) -> None:
    print(f"\nStations with an observers' report: official share of {choice.name}, % of ballots cast")
    flags = [(pl.col(k).str.to_lowercase() == "true").alias(k) for k in REPORTS]
    reports = cleaned(folder).select(pl.col("id").alias("station"), *flags)
    for row in reported_beside(official, reports, REPORTS, choice).iter_rows(named=True):
        stations = f"{count(row['stations'])} stations, {count(row['protocols'])} with a known protocol"
        others = f"other stations of the same regions {percent(row['elsewhere'])}"
        print(f"  {row['report']}: {stations}: {percent(row['share'])}; {others}")


if __name__ == "__main__":
    main()
