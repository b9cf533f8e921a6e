"""The plans there are: how much is drawn for a look, for the acceptance of the methods, for the packaged rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallyscope.forensics.calibration.plan import Part, Plan
from tallyscope.forensics.calibration.structures import Structure
from tallyscope.simulation.mechanisms.names import STUFFING

__all__ = ["PLANS", "Scope", "UnknownPlan", "plan"]

#: Shares of the leader's votes that are stuffed where the estimate in votes is measured, and where.
VOTE_DOSES = (0.02, 0.05, 0.10, 0.20)
VOTE_PLACES = ("scattered", "all", "territories")
#: Methods whose estimate in votes is held against the truth at every dose, on every design.
VOTE_METHODS = ("anomalous-votes",)
#: The design on which power is measured, and the places.
POWER_DESIGN = "territories-correlated"
POWER_PLACES = ("scattered", "territories")


class UnknownPlan(LookupError):
    """There is no plan of this name."""


@dataclass(frozen=True)
class Size:
    """Seeds of each part of a plan; 0 leaves it out."""

    clean: int
    like: int
    votes: int
    power: int


PLANS: Mapping[str, Size] = {
    "small": Size(clean=20, like=5, votes=0, power=2),
    "acceptance": Size(clean=200, like=0, votes=200, power=0),
    "power": Size(clean=0, like=0, votes=0, power=20),
    "full": Size(clean=200, like=200, votes=200, power=20),
}


@dataclass(frozen=True)
class Scope:
    """What a plan is made over. `mechanisms`: name -> doses."""

    methods: tuple[str, ...]
    designs: tuple[Structure, ...]
    like: tuple[Structure, ...]
    undisputed: tuple[Structure, ...]
    mechanisms: Mapping[str, Sequence[float]]


def plan(name: str, scope: Scope, seeds: int | None = None) -> Plan:
    """A plan over a scope; `seeds` replaces the number of seeds of every part that it has. Raises UnknownPlan."""
    if name not in PLANS:
        raise UnknownPlan(f"there is no plan {name!r}; there are: {', '.join(PLANS)}")
    size = PLANS[name]
    doses = tuple((m, float(d)) for m, all_doses in scope.mechanisms.items() for d in all_doses)
    vote_doses = tuple((STUFFING, d) for d in VOTE_DOSES) if STUFFING in scope.mechanisms else ()
    vote_methods = tuple(m for m in scope.methods if m in VOTE_METHODS)
    on = tuple(s for s in scope.designs if s.name == POWER_DESIGN) or scope.designs[-1:] or scope.like
    wanted = (
        (size.clean, Part("clean designs", scope.designs, size.clean, scope.methods)),
        (size.like, Part("clean, like real elections", scope.like, size.like, scope.methods)),
        (size.like, Part("undisputed elections", scope.undisputed, 1, scope.methods)),
        (
            size.votes if vote_doses else 0,
            Part("votes stuffed", scope.designs, size.votes, vote_methods, vote_doses, VOTE_PLACES),
        ),
        (size.power if doses else 0, Part("power", on, size.power, scope.methods, doses, POWER_PLACES)),
    )
    parts = (p for repeats, p in wanted if repeats and p.structures and p.methods)
    return Plan(name, tuple(Part(**{**vars(p), "seeds": seeds or p.seeds}) for p in parts))
