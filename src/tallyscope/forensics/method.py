"""What a method is: what it asks, of which mechanisms it speaks, what it needs, and where its function is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallyscope.forensics.finding import Finding
    from tallyscope.returns.table import Returns

__all__ = ["Method"]


@dataclass(frozen=True)
class Method:
    """A method. `mechanisms`: kinds of manipulation that leave what it looks for; `conditions`: what it needs.

    `function`: "module:name" of the function Returns -> Finding, loaded when the method is run.
    """

    id: str
    mechanisms: tuple[str, ...]
    question: str
    source: str
    conditions: tuple[str, ...]
    function: str
    #: True: it takes long, and is run only where it is named (`--methods mixture`).
    on_request: bool = False

    def run(self, returns: Returns) -> Finding:
        """The method's answer on these returns."""
        module, name = self.function.split(":")
        answer: Callable[[Returns], Finding] = getattr(import_module(module), name)
        return answer(returns)
