"""Clean elections that look like real ones, and known changes to them: the yardstick of every method.

The mechanisms here exist for one purpose: to measure what the methods in `forensics` can see, how sure they are,
and how often they cry on elections in which nothing happened. Nothing in this room says anything about a real
election, and no simulated country, place or choice means a real one.
"""

from __future__ import annotations

from tallyscope.simulation.clean import clean_election
from tallyscope.simulation.demo import demo_election
from tallyscope.simulation.habits import Habits, Rate, Tied
from tallyscope.simulation.like import Likeness, like, likeness
from tallyscope.simulation.site import Site
from tallyscope.simulation.spec import Behaviour, CleanSpec, Effect
from tallyscope.simulation.truth import Simulation, Truth

__all__ = [
    "Behaviour",
    "CleanSpec",
    "Effect",
    "Habits",
    "Likeness",
    "Rate",
    "Simulation",
    "Site",
    "Tied",
    "Truth",
    "clean_election",
    "demo_election",
    "like",
    "likeness",
]
