"""`tallyscope methods`: what can be asked of an election, with conditions and sources."""

from __future__ import annotations

from tallyscope.cli.common import FormatOption, OutputFormat, console, print_json

__all__ = ["methods"]


def methods(format: FormatOption = OutputFormat.text) -> None:
    """Lists every method: the mechanisms it speaks to, its conditions, its source."""
    from tallyscope.forensics.calibration.lookup import rates_for
    from tallyscope.forensics.calibration.rates import packaged
    from tallyscope.forensics.methods import METHODS
    from tallyscope.report.view_errors import error_sentence

    # Of no election in particular: as measured on the clean designs and on undisputed elections.
    errors = {m.id: error_sentence(rates_for(m.id, "", packaged()), m.mechanisms) for m in METHODS}
    if format is OutputFormat.json:
        print_json(
            [
                {
                    "method": m.id,
                    "mechanisms": list(m.mechanisms),
                    "question": m.question,
                    "conditions": list(m.conditions),
                    "source": m.source,
                    "errors": errors[m.id],
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
        out.print(f"  Errors: {errors[m.id]}", markup=False)
        out.print(f"  Source: {m.source}\n", markup=False)
