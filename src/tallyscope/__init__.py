"""Tallyscope: what was counted, whether each protocol holds together, and what the result carries.

import tallyscope
r = tallyscope.read("2012.csv.zip")
r.tally("region")
e = tallyscope.examine(r)
e["integer-percentages"]
e.save("out")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tallyscope.version import __version__

if TYPE_CHECKING:
    from tallyscope.claims.reading.read import read_claims
    from tallyscope.report.examination import Examination
    from tallyscope.report.examine import examine
    from tallyscope.returns.checks import check
    from tallyscope.returns.problems import ReadError
    from tallyscope.returns.reading.read import read
    from tallyscope.returns.table import Returns
    from tallyscope.tally import tally

#: Public name -> the module it lives in; loaded on first use, so that `import tallyscope` costs nothing.
_HOMES = {
    "Examination": "tallyscope.report.examination",
    "ReadError": "tallyscope.returns.problems",
    "Returns": "tallyscope.returns.table",
    "check": "tallyscope.returns.checks",
    "examine": "tallyscope.report.examine",
    "read": "tallyscope.returns.reading.read",
    "read_claims": "tallyscope.claims.reading.read",
    "tally": "tallyscope.tally",
}

__all__ = ["Examination", "ReadError", "Returns", "__version__", "check", "examine", "read", "read_claims", "tally"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tallyscope' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
