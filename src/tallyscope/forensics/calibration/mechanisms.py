"""The mechanisms of a study, with the doses at which they are tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tallyscope.simulation.mechanisms.names import STUFFING, SWITCHING, WRITTEN

if TYPE_CHECKING:
    from tallyscope.returns.table import Returns
    from tallyscope.simulation.site import Site
    from tallyscope.simulation.truth import Truth

__all__ = ["mechanisms"]


class Apply(Protocol):
    """What a mechanism does."""

    def __call__(self, returns: Returns, site: Site, dose: float, seed: int) -> tuple[Returns, Truth]: ...


@dataclass(frozen=True)
class Tried:
    """A mechanism and its doses."""

    apply: Apply
    doses: tuple[float, ...]


def mechanisms() -> Mapping[str, Tried]:
    """Every mechanism by its name."""
    from tallyscope.simulation.mechanisms import stuffing, switching, written

    shares = (0.01, 0.02, 0.05, 0.10, 0.20)
    return {
        STUFFING: Tried(stuffing.apply, shares),
        SWITCHING: Tried(switching.apply, shares),
        WRITTEN: Tried(written.apply, (0.5, 1.0, 2.0, 5.0)),
    }
