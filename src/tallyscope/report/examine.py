"""Everything about one election: tally, protocol checks, and every method that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tallyscope.report.examination import Examination
from tallyscope.returns.table import Returns

__all__ = ["examine", "steps"]


def steps(methods: Sequence[str] | None = None) -> tuple[str, ...]:
    """What `examine` will do, a name a step, in order."""
    from tallyscope.forensics.methods import chosen

    return ("checking protocols", "adding up", *(m.id for m in chosen(methods)))


def examine(
    returns: Returns,
    methods: Sequence[str] | None = None,
    on_step: Callable[[str], None] | None = None,
    on_failure: Callable[[str, Exception], None] | None = None,
) -> Examination:
    """Examines returns. `methods`: ids (see `tallyscope methods`), all but the slow ones unless given.

    `on_step`: told each step. `on_failure`: told of a method that ends with an error of its own, which is raised
    without it (`methods.run`). Raises UnknownMethod for an id that there is not.
    """
    from tallyscope.forensics.methods import run
    from tallyscope.returns.checks import check
    from tallyscope.returns.grouping import upper_level
    from tallyscope.tally import tally

    tell = on_step or (lambda _: None)
    tell("checking protocols")
    checks = check(returns)
    tell("adding up")
    # Beside the nation, the level that divides it: a file may have the country itself as its top level.
    level = upper_level(returns)
    tallies = {by: tally(returns, by) for by in ("nation", *((level,) if level else ()))}
    findings = run(returns, methods, tell, on_failure)
    return Examination(returns=returns, checks=checks, tallies=tallies, findings=findings)
