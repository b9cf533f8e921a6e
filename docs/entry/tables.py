"""The tables of docs/entry.md, made from the state machine: `python docs/entry/tables.py` writes them in."""

from __future__ import annotations

from pathlib import Path

from tallyscope.ledger.entry.machine import TRANSITIONS
from tallyscope.ledger.entry.refusals import REFUSALS
from tallyscope.ledger.entry.sheet import PHASES

PAGE = Path(__file__).parents[1] / "entry.md"
BEGIN, END = "<!-- made from the machine: begin -->", "<!-- made from the machine: end -->"


def text() -> str:
    """Everything between the two marks."""
    steps = [f"| {phase} | {_events(phase)} |" for phase in PHASES]
    why = [f"| {name} | {what} | {do} |" for name, (what, do) in REFUSALS.items()]
    return "\n".join(
        [
            "| in | event → what may follow |",
            "| --- | --- |",
            *steps,
            "",
            "| refused | what is said | what to do |",
            "| --- | --- | --- |",
            *why,
        ]
    )


def _events(phase: str) -> str:
    found = [(kind.__name__, to) for (kind, where), to in TRANSITIONS.items() if where == phase]
    return "<br>".join(f"**{name}** → {', '.join(to)}" for name, to in found)


def in_step(page: str) -> str:
    """The page with the tables of the machine as it is."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{text()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(in_step(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
