"""The tables of docs/calibration.md, made from the packaged rates: `python docs/power/tables.py` writes them in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tallyscope.forensics.calibration.rates import Rate, Rates, packaged
from tallyscope.forensics.methods import METHODS
from tallyscope.simulation.designs import CLEAN_DESIGNS
from tallyscope.simulation.mechanisms import MECHANISMS
from tallyscope.simulation.mechanisms.names import STUFFING

PAGE = Path(__file__).parents[1] / "calibration.md"
BEGIN, END = "<!-- made from rates.json: begin -->", "<!-- made from rates.json: end -->"
#: A dose counts as seen where the method cries at 5 % in this part of the runs, and at every larger dose.
SEEN = 0.8


def text(rates: Rates) -> str:
    """Everything between the two marks."""
    parts = (
        "### False alarms on the clean designs\n",
        _alarms(rates, CLEAN_DESIGNS),
        *_of_other_sizes(rates),
        "\n### False alarms on clean countries like real elections\n",
        _alarms(rates, _of_kind(rates, "like")),
        "\n### On undisputed real elections, as they were counted\n",
        _alarms(rates, (*_of_kind(rates, "real"), *_of_kind(rates, "parts"))),
        "\n### The smallest dose that is seen\n",
        _smallest(rates),
        "\n### Estimates in votes\n",
        _estimates(rates),
        "\n### How it was measured\n",
        *(f"- {rates.provenance(i)}; {s['runs']:,} findings." for i, s in enumerate(rates.studies)),
        "\n### Power curves\n",
        *(f"![{name}](power/{name.replace(' ', '-')}.svg)\n" for name in _mechanisms(rates)),
    )
    return "\n".join(parts).rstrip() + "\n"


def in_step(page: str, rates: Rates) -> str:
    """The page with the tables of these rates."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{text(rates)}\n{END}{rest.split(END)[1]}"


def _ids(rates: Rates) -> list[str]:
    return [m.id for m in METHODS if m.id in rates.methods]


def _mechanisms(rates: Rates) -> list[str]:
    return [m for m in MECHANISMS if any(row[2] == m for row in rates.rows)]


def _of_kind(rates: Rates, kind: str) -> tuple[str, ...]:
    return tuple(k for k, s in rates.structures.items() if s["kind"] == kind)


def _of_other_sizes(rates: Rates) -> Sequence[str]:
    """Of methods that take too long for the countries of all others."""
    smaller = tuple(s for s in _of_kind(rates, "design") if s not in CLEAN_DESIGNS)
    return ("\n### False alarms on smaller clean countries\n", _alarms(rates, smaller)) if smaller else ()


def _alarms(rates: Rates, structures: Sequence[str]) -> str:
    """Cried at 5 % / gave a verdict, and at 1 %; how many runs, where not all of them got a verdict."""
    rows = []
    for id in _ids(rates):
        clean = {r.structure: r for r in rates.of(id) if not r.mechanism}
        if not clean.keys().isdisjoint(structures):
            rows.append([id, *(_alarm(clean.get(s)) for s in structures)])
    return _table(["method", *(s.removeprefix("like ") for s in structures)], rows)


def _alarm(r: Rate | None) -> str:
    if r is None:
        return ""
    if not r.tested:
        return f"no verdict in {r.runs}"
    of = f" (of {r.runs})" if r.tested < r.runs else ""
    return f"{100 * r.at_5 / r.tested:.1f} %: {r.at_5}, {r.at_1} of {r.tested}{of}"


def _smallest(rates: Rates) -> str:
    names = _mechanisms(rates)
    speaks = {m.id: m.mechanisms for m in METHODS}
    rows = []
    for id in _ids(rates):
        of = {n: _seen([r for r in rates.of(id) if r.mechanism == n], MECHANISMS[n].unit) for n in names}
        rows.append([id, *(f"**{of[n]}**" if of[n] and n in speaks[id] else of[n] for n in names)])
    return _table(["method", *names], rows)


def _seen(measured: Sequence[Rate], unit: str) -> str:
    """The smallest dose from which on the method sees, at the place where it sees most."""
    if not measured:
        return ""
    smallest = []
    for where in {(r.structure, r.place) for r in measured}:
        here = sorted((r for r in measured if (r.structure, r.place) == where), key=lambda r: -r.dose)
        seen: list[Rate] = []
        for r in here:
            if r.at_5 < SEEN * r.runs:
                break
            seen.append(r)
        smallest += [seen[-1].dose] if seen else []
    if not smallest:
        return "–"
    return f"{100 * min(smallest):g} %" if unit == "votes" else f"{min(smallest):g} points"


def _estimates(rates: Rates) -> str:
    head = ["method", "on", "done", "dose", "mean estimate (sd)", "interval", "holds the truth", "holds zero"]
    designs = _of_kind(rates, "design")
    rows = [_estimate(r) for id in _ids(rates) for r in rates.of(id) if r.structure in designs]
    return _table(head, [row for row in rows if row])


def _estimate(r: Rate) -> list[str]:
    e = r.estimate
    if e is None or not e.unit.endswith("votes"):
        return []
    if r.mechanism not in ("", STUFFING):
        return []
    truth, zero = (f"{c} of {e.answered} ({100 * c / e.answered:.0f} %)" for c in (e.covers_truth, e.covers_zero))
    mean = f"{100 * e.mean:+.2f} % ({100 * e.sd:.2f})"
    done = f"{r.mechanism}, {r.place}" if r.mechanism else "nothing"
    return [r.method, r.structure, done, f"{100 * r.gained:g} %", mean, f"{100 * e.level:g} %", truth, zero]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(in_step(PAGE.read_text(encoding="utf-8"), packaged()), encoding="utf-8")
