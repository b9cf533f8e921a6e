"""`tallyscope simulate`: an election in which it is known what was done, as files, with the truth beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallyscope.cli.common import DropTotals, ElectionOption, MappingOption, console, count, fail, read_files

if TYPE_CHECKING:
    from tallyscope.returns.table import Returns
    from tallyscope.simulation.asked import Asked
    from tallyscope.simulation.spec import CleanSpec
    from tallyscope.simulation.truth import Simulation

__all__ = ["simulate"]

_STATIONS, _REGIONS = 20_000, 40
#: A region has at least so many stations, unless the number of regions is given.
_IN_REGION = 50
_Like = Annotated[
    list[Path] | None, typer.Option("--like", help="Draw a clean election like this one; several files are one.")
]
_Mechanisms = Annotated[
    list[str] | None,
    typer.Option("--mechanism", help='What is done to it, "ballot stuffing:dose=.05,units=.2"; see --list.'),
]
_Correlation = Annotated[
    float | None, typer.Option("--correlation", help="Of turnout with the leader's share, honestly, over stations.")
]


def simulate(
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the returns and the truth.")] = None,
    like: _Like = None,
    stations: Annotated[int | None, typer.Option("--stations", help="How many (20,000).")] = None,
    regions: Annotated[int | None, typer.Option("--regions", help="How many (40).")] = None,
    design: Annotated[str | None, typer.Option("--design", help="A clean country of the calibration.")] = None,
    correlation: _Correlation = None,
    mechanism: _Mechanisms = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, another election.")] = 1,
    mapping: MappingOption = None,
    election: ElectionOption = None,
    drop_totals: DropTotals = False,
    show: Annotated[bool, typer.Option("--list", help="List the mechanisms and what their doses mean.")] = False,
) -> None:
    """Draws a clean election, changes it in known ways, and writes it with the truth, to try methods on."""
    if show:
        _list()
        return
    asked, problems = _asked(mechanism or [])
    problems += _contradictions(out, like, {"stations": stations, "regions": regions, "design": design})
    spec, unfit = _spec(stations, regions, design, correlation)
    if problems or unfit or out is None:
        fail([*problems, *unfit])
    if like:
        given = read_files(like, mapping=mapping, election=election, drop_totals=drop_totals)
        clean, drawn = _like(given, correlation, seed)
    else:
        clean, drawn = _country(spec, seed)
    _save(_changed(clean, asked, seed), out, {"seed": seed, **drawn})


def _asked(texts: list[str]) -> tuple[list[Asked], list[str]]:
    from tallyscope.simulation.asked import ask

    answers = [ask(text) for text in texts]
    return [a for a, _ in answers if a is not None], [p for _, problems in answers for p in problems]


def _contradictions(out: Path | None, like: list[Path] | None, invented: dict[str, Any]) -> list[str]:
    problems = [] if out is not None else ["--out is needed: the folder for the returns and the truth."]
    if out is not None and out.exists() and not out.is_dir():
        problems.append(f"{out}: there is a file of that name; --out names a folder.")
    both = [f"--{name}" for name, value in invented.items() if value is not None]
    if like and both:
        problems.append(
            f"{' and '.join(both)}: an election like another has its stations; leave out one of the two."
        )
    return problems


def _spec(
    stations: int | None, regions: int | None, design: str | None, correlation: float | None
) -> tuple[CleanSpec, list[str]]:
    """The invented country that was asked for, and everything that is wrong with it."""
    from dataclasses import replace

    from tallyscope.simulation.designs import clean_design
    from tallyscope.simulation.spec import CleanSpec

    problems, spec = [], CleanSpec()
    if stations is not None and stations < 1:
        problems.append(f"--stations: an election has at least one station, not {stations}.")
    many = _STATIONS if stations is None else max(stations, 1)
    parts = min(_REGIONS, max(1, many // _IN_REGION)) if regions is None else regions
    try:
        spec = replace(spec, stations=many, regions=parts)
        spec = clean_design(design, stations=many, regions=parts) if design is not None else spec
    except (ValueError, LookupError) as error:
        problems.append(f"{error.args[0]}.")
    try:
        if correlation is not None:
            spec = replace(spec, behaviour=spec.behaviour.with_correlation(correlation))
    except ValueError as error:
        problems.append(f"--correlation: {error}.")
    if design is not None and correlation is not None:
        problems.append("--correlation: a design has its own; leave out one of the two.")
    return spec, problems


def _country(spec: CleanSpec, seed: int) -> tuple[Returns, dict[str, Any]]:
    from dataclasses import asdict

    from tallyscope.simulation.clean import clean_election

    return clean_election(spec, seed), {"spec": asdict(spec)}


def _like(given: Returns, correlation: float | None, seed: int) -> tuple[Returns, dict[str, Any]]:
    """A clean election like the given one; `correlation` in place of the one that was estimated."""
    from dataclasses import asdict, replace

    from tallyscope.simulation.like import likeness

    try:
        known = likeness(given)
        if correlation is not None:
            known = replace(known, behaviour=known.behaviour.with_correlation(correlation))
    except ValueError as error:
        fail([f"{given.election.title}: {error}."])
    sources = [asdict(s) for s in given.sources]
    estimated = {"behaviour": asdict(known.behaviour), "habits": asdict(known.habits)}
    return known.draw(seed), {"like": {"title": given.election.title, "files": sources}, "estimated": estimated}


def _changed(clean: Returns, asked: list[Asked], seed: int) -> Simulation:
    from tallyscope.simulation.asked import carry_out

    simulation, problems = carry_out(clean, asked, seed)
    if problems:
        fail(problems)
    return simulation


def _save(simulation: Simulation, out: Path, drawn: dict[str, Any]) -> None:
    from tallyscope.report.saving import save_whole
    from tallyscope.simulation.saving import write_simulation

    try:
        save_whole(out, lambda folder: write_simulation(simulation, folder, drawn))
    except OSError as error:
        fail([f"{out}: the simulation cannot be written: {error.strerror or error}"])
    screen = console()
    screen.print(f"{count(len(simulation.returns))} stations, all simulated: no vote is real.", markup=False)
    for truth in simulation.truths:
        moved = (
            f"{count(truth.votes_gained)} votes more for {truth.choice}, {count(truth.votes_added)} ballots added"
        )
        screen.print(f"  {truth.mechanism}: {moved}, {count(truth.stations.size)} stations changed", markup=False)
    screen.print(f"Written to {out}. To examine it:", markup=False, soft_wrap=True)
    command = f"tallyscope examine {out / 'returns.csv'} --mapping {out / 'mapping.toml'}"
    screen.print(f"  {command}", markup=False, soft_wrap=True)


def _list() -> None:
    from tallyscope.simulation.asked import PLACE
    from tallyscope.simulation.mechanisms import MECHANISMS

    screen = console()
    for mechanism in MECHANISMS.values():
        doses = ", ".join(f"{d:g}" for d in mechanism.doses)
        screen.print(f"\n{mechanism.name}", style="bold", markup=False)
        screen.print(f"  {mechanism.leaves}", markup=False)
        screen.print(f"  dose: {mechanism.meaning} (say {doses})", markup=False, soft_wrap=True)
        for name, option in mechanism.options.items():
            screen.print(f"  {name}: {option.meaning}", markup=False)
    screen.print("\nOf any of them", style="bold")
    for name, meaning in PLACE.items():
        screen.print(f"  {name}: {meaning}", markup=False)
    screen.print("\n  --mechanism 'ballot stuffing:dose=.05,at=territory,units=.2'", markup=False)
