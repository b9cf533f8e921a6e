"""What the record says when it does not do what was asked: refused for reasons, or not to be reached."""

from __future__ import annotations

from collections.abc import Iterable

from tallyscope.returns.problems import Problem

__all__ = ["Refused", "Unavailable"]


class Refused(ValueError):
    """Nothing of what was asked was done; `problems` has every reason."""

    def __init__(self, problems: Iterable[Problem | str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class Unavailable(RuntimeError):
    """The database of the record is not there, does not answer, is full, or is no record; a sentence says which."""
