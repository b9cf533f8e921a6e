"""An unknown file is worked out: what every column is, by its name and by arithmetic (`infer`)."""

from __future__ import annotations

from tallyscope.returns.inference.infer import infer
from tallyscope.returns.inference.result import ColumnGuess, Inference, describe

__all__ = ["ColumnGuess", "Inference", "describe", "infer"]
