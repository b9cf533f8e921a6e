"""Known changes to a clean election, one module a mechanism, each with a dose and a place.

They exist so that the sight of the methods can be measured: every one answers with the changed Returns and the
Truth, which says to the vote what was done. None of them describes or evades a safeguard of a real count.
"""

from __future__ import annotations

from tallyscope.simulation.mechanisms.table import MECHANISMS

__all__ = ["MECHANISMS"]
