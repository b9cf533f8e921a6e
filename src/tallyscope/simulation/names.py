"""Names of places and choices that exist nowhere and favour nobody."""

from __future__ import annotations

from tallyscope.election.election import Choice

__all__ = ["choices_named", "region_names"]

_FIRST = (
    "Amber", "Brook", "Copper", "Dawn", "Ever", "Fair", "Glen", "Heather",
    "Iron", "Kings", "Long", "Moss", "North", "Otter", "Pine", "Quarry",
    "River", "Stone", "Thorn", "Upper", "Vine", "West", "Yellow",
)  # fmt: skip
_LAST = ("mere", "dale", "ford", "wick", "holm", "moor", "field", "haven", "bridge", "march")


def region_names(count: int) -> tuple[str, ...]:
    """`count` different names of regions; beyond the first 230 they carry a number."""
    names, steps = [], len(_FIRST) * len(_LAST)
    for i in range(count):
        # 23 and 10 share no factor, so stepping both at once passes through every pair before one returns.
        name = _FIRST[i % len(_FIRST)] + _LAST[i % len(_LAST)]
        names.append(name if i < steps else f"{name} {i // steps + 1}")
    return tuple(names)


def choices_named(names: tuple[str, ...], first_line: int) -> tuple[Choice, ...]:
    """Choices of these names, numbered on from `first_line`; ids are the names in lower case."""
    return tuple(Choice(n.lower().replace(" ", "_"), n, line=first_line + i) for i, n in enumerate(names))
