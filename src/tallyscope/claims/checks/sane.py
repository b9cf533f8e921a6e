"""Figures that arithmetic can be done with: what no text prints (not a number, a hundred digits) is left out."""

from __future__ import annotations

import math
from dataclasses import replace

from tallyscope.claims.claim import Claim, Figure, Progress

__all__ = ["with_sane_figures"]

#: More digits than any text prints, and as many as `Printed` reads.
_LARGEST, _DECIMALS = 1e14, 12


def with_sane_figures(claim: Claim) -> Claim:
    """The claim without figures and progress that are no numbers; shares over 100 stay, and will be refuted."""
    figures = tuple(_sane(f) for f in claim.figures if _known(f))
    progress = claim.progress if claim.progress is not None and _within(claim.progress.value) else None
    return replace(claim, figures=figures, progress=_rounded(progress))


def _known(figure: Figure) -> bool:
    if figure.value is not None:
        return _within(figure.value)
    ends = (figure.minimum, figure.maximum)
    return any(e is not None for e in ends) and all(e is None or _within(e) for e in ends)


def _within(value: float) -> bool:
    return math.isfinite(value) and 0 <= value < _LARGEST


def _sane(figure: Figure) -> Figure:
    one = figure.value is not None
    comparator = "=" if one and figure.comparator == "range" else figure.comparator if one else "range"
    return replace(figure, decimals=min(figure.decimals, _DECIMALS), comparator=comparator)


def _rounded(progress: Progress | None) -> Progress | None:
    return None if progress is None else replace(progress, decimals=min(progress.decimals, _DECIMALS))
