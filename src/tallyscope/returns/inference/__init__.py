"""An unknown file is worked out: what every column is, by its name and by arithmetic (`infer`).

Every reading of a file looks for totals (`tallyscope.returns.inference.totals`); all else here is loaded when used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallyscope.returns.inference.result import ColumnGuess, Inference, describe
    from tallyscope.returns.inference.whole import infer

__all__ = ["ColumnGuess", "Inference", "describe", "infer"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "whole" if name == "infer" else "result"
    return getattr(import_module(f"{__name__}.{module}"), name)
