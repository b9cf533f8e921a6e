"""`tallyscope methods`: what can be asked of an election, with conditions and sources."""

from __future__ import annotations

from tallyscope.cli.common import FormatOption, OutputFormat, console, print_json

__all__ = ["methods"]


def methods(format: FormatOption = OutputFormat.text) -> None:
    """Lists every method: the mechanisms it speaks to, its conditions, its source."""
    from tallyscope.forensics.methods import METHODS

    if format is OutputFormat.json:
        print_json(
            [
                {
                    "method": m.id,
                    "mechanisms": list(m.mechanisms),
                    "question": m.question,
                    "conditions": list(m.conditions),
                    "source": m.source,
                }
                for m in METHODS
            ]
        )
        return
    out = console()
    for m in METHODS:
        out.print(m.id, style="bold", markup=False)
        out.print(f"  {m.question}", markup=False)
        out.print(f"  Mechanisms: {', '.join(m.mechanisms)}", markup=False)
        for condition in m.conditions:
            out.print(f"  Needs: {condition}", markup=False)
        out.print(f"  Source: {m.source}\n", markup=False)
