"""How the shares moved from bulletin to bulletin, over the protocols that were in: places of a small picture.

All places are per cent of its area, so that the page can give it any size and the texts keep theirs. It is drawn by
the template itself, anew with every bulletin and in every language, without the renderer that reports use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tallyscope.election.election import Choice
from tallyscope.web.public.published import BulletinHead

__all__ = ["Course", "Line", "course"]

#: Lines that can be told apart, and per cent of the height between two labels.
_LINES, _GAP = 6, 8.0


@dataclass(frozen=True)
class Line:
    """One choice. `points`: (x, y), y downwards; `segments`: from point to point; `label`: y of its name."""

    choice: Choice
    points: Sequence[tuple[float, float]]
    label: float
    leads: bool

    @property
    def segments(self) -> list[tuple[tuple[float, float], tuple[float, float]]]:
        """Pairs of neighbouring points."""
        return list(pairwise(self.points))


@dataclass(frozen=True)
class Course:
    """`top`: the share, in per cent, that the upper edge stands for; the lower one is 0."""

    top: int
    lines: Sequence[Line]


def course(heads: Sequence[BulletinHead], order: Sequence[Choice]) -> Course | None:
    """The picture of bulletins, the newest first; None for fewer than three that differ in protocols.

    `order`: choices, the most votes first; the first few are drawn, where their share is defined in every bulletin.
    """
    moments = sorted(heads, key=lambda head: head.number)
    if len({head.processed for head in moments}) < 3:
        return None
    drawn = [c for c in order[:_LINES] if all(head.shares.get(c.id) is not None for head in moments)]
    shares = {c.id: [float(head.shares[c.id] or 0) for head in moments] for c in drawn}
    if not drawn:
        return None
    top = min(100, int(max(map(max, shares.values())) // 10 + 1) * 10)
    xs = [100 * head.processed / head.of for head in moments]
    paths = [[(x, 100 - 100 * s / top) for x, s in zip(xs, shares[c.id], strict=True)] for c in drawn]
    labels = _apart([path[-1][1] for path in paths])
    lines = [Line(c, path, y, i == 0) for i, (c, path, y) in enumerate(zip(drawn, paths, labels, strict=True))]
    return Course(top, lines)


def _apart(wanted: Sequence[float]) -> list[float]:
    """Places as near to those wanted as labels can stand without covering one another, in the same order down."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    last = -_GAP
    for i in order:
        last = placed[i] = max(wanted[i], last + _GAP)
    edge = 100.0
    for i in reversed(order):
        edge = placed[i] = min(placed[i], edge)
        edge -= _GAP
    return placed
