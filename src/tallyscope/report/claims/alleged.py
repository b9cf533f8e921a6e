"""Which methods speak to an alleged mechanism. A finding beside a claim neither confirms nor refutes it.

Claims name mechanisms in the words of the news, methods in those of the field; this is where the two meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallyscope.forensics.method import Method

__all__ = ["mechanisms_of", "methods_for"]

#: A word of the name that claims give a mechanism -> what methods call it.
_CALLED: Mapping[str, tuple[str, ...]] = {
    "carousel": ("carousel",),
    "multiple voting": ("carousel",),
    "stuffing": ("ballot stuffing", "extreme stuffing"),
    "absentee": ("absentee voting under control",),
    "home voting": ("home voting under control",),
    "coercion": ("absentee voting under control", "home voting under control"),
    "fabricated": (
        "rewritten protocol",
        "result written in advance",
        "one percentage for a territory",
        "protocol made from a target",
    ),
    "rewritten": ("rewritten protocol",),
    "written in advance": ("result written in advance",),
    "stolen": ("vote switching",),
    "switching": ("vote switching",),
}


def mechanisms_of(alleged: str) -> tuple[str, ...]:
    """Names in the field's words; none for what leaves no trace in protocols (votes bought, observers expelled)."""
    low = alleged.casefold()
    found = [name for word, names in _CALLED.items() if word in low for name in names]
    return tuple(dict.fromkeys(found))


def methods_for(alleged: Iterable[str]) -> tuple[Method, ...]:
    """The methods, in catalogue order, that look for traces of any of these; none that are run on request only."""
    from tallyscope.forensics.methods import METHODS

    wanted = {name for one in alleged for name in mechanisms_of(one)}
    return tuple(m for m in METHODS if not m.on_request and wanted & set(m.mechanisms))
