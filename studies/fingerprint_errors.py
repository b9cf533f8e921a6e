"""How often fingerprint, nu-shape and turnout-share cry: clean countries, and stuffing by dose and place.

    python studies/fingerprint_errors.py clean 0 100     # seeds; adds to studies/results/fingerprint_errors.json
    python studies/fingerprint_errors.py power 0 5
    python studies/fingerprint_errors.py show            # the table of what is kept there

Clean: the four designs, 90,000 stations. Power: ballot stuffing on two of them, in all territories or a fifth.
Every p-value is kept (null where the method says it does not apply), with the version it was measured with.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tallyscope.forensics.methods import method
from tallyscope.returns.table import Returns
from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.designs import CLEAN_DESIGNS, clean_design
from tallyscope.simulation.mechanisms import stuffing
from tallyscope.simulation.site import Site
from tallyscope.version import __version__

KEPT = Path(__file__).parent / "results" / "fingerprint_errors.json"
METHODS = ("fingerprint", "nu-shape", "turnout-share")
DOSES, SHARES = (0.02, 0.05, 0.10, 0.20), (1.0, 0.2)


def main() -> None:
    """Runs what was asked for and prints everything kept."""
    command, kept = sys.argv[1], _load()
    if command in ("clean", "power"):
        for seed in range(int(sys.argv[2]), int(sys.argv[3])):
            if _done(kept, "clean" if command == "clean" else "stuffing", seed):
                continue
            for case, returns in _clean(seed) if command == "clean" else _power(seed):
                _examine(kept, case, seed, returns)
            KEPT.write_text(json.dumps(kept, indent=None, separators=(",", ":")) + "\n")
    _show(kept)


def _load() -> dict[str, Any]:
    fresh = {"command": "python studies/fingerprint_errors.py clean|power FIRST LAST", "version": __version__}
    return json.loads(KEPT.read_text()) if KEPT.exists() else {**fresh, "cases": {}}


def _done(kept: dict[str, Any], kind: str, seed: int) -> bool:
    cases = [methods for case, methods in kept["cases"].items() if case.startswith(kind)]
    return bool(cases) and all(str(seed) in methods[id]["p"] for methods in cases for id in METHODS)


def _clean(seed: int) -> list[tuple[str, Returns]]:
    return [(f"clean {name}", clean_election(clean_design(name), seed)) for name in CLEAN_DESIGNS]


def _power(seed: int) -> list[tuple[str, Returns]]:
    cases = []
    for name in ("independent", "territories-correlated"):
        clean = clean_election(clean_design(name), seed)
        for share in SHARES:
            for dose in DOSES:
                site = Site(level="territory", share_of_units=share)
                case = f"stuffing {dose:.0%} in {share:.0%} of territories, {name}"
                cases.append((case, stuffing.apply(clean, site, dose, seed)[0]))
    return cases


def _examine(kept: dict[str, Any], case: str, seed: int, returns: Returns) -> None:
    for id in METHODS:
        found = method(id).run(returns)
        entry = kept["cases"].setdefault(case, {}).setdefault(id, {"p": {}, "estimate": {}})
        entry["p"][str(seed)] = None if found.p_value is None else float(f"{found.p_value:.3g}")
        if found.estimate is not None:
            e = found.estimate
            entry["estimate"][str(seed)] = [float(f"{x:.4g}") for x in (e.value, e.low, e.high)]


def _show(kept: dict[str, Any]) -> None:
    table = Table("case", "method", "seeds", "applies", "p < .05", "p < .01", "interval covers 0")
    for case, by_method in kept["cases"].items():
        for id, entry in by_method.items():
            known = [p for p in entry["p"].values() if p is not None]
            covers = [low <= 0 <= high for _, low, high in entry["estimate"].values()]
            rates = [f"{sum(p <= at for p in known) / len(known):.1%}" if known else "-" for at in (0.05, 0.01)]
            cover = f"{sum(covers) / len(covers):.0%}" if covers else "-"
            table.add_row(case, id, str(len(entry["p"])), str(len(known)), *rates, cover)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
