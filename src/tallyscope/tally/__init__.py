"""Sums at any level, shares, turnout, progress, and the comparison with official totals."""

from tallyscope.tally.official import compare
from tallyscope.tally.progress import Progress, progress
from tallyscope.tally.sums import UnknownLevel, level_named, tally

__all__ = ["Progress", "UnknownLevel", "compare", "level_named", "progress", "tally"]
