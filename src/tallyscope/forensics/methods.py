"""The methods there are, and running them: what each asks, of which mechanisms it speaks, what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tallyscope.forensics.catalogue import METHODS
from tallyscope.forensics.method import Method

if TYPE_CHECKING:
    from tallyscope.forensics.finding import Finding
    from tallyscope.returns.table import Returns

__all__ = ["METHODS", "Method", "UnknownMethod", "chosen", "method", "run"]

_LONGEST_ERROR = 300


class UnknownMethod(LookupError):
    """There is no method of this id."""


def method(id: str) -> Method:
    """The method of this id. Raises UnknownMethod, which names those there are."""
    for one in METHODS:
        if one.id == id:
            return one
    raise UnknownMethod(f"there is no method {id!r}; there are: {', '.join(m.id for m in METHODS)}")


def chosen(methods: Sequence[str] | None = None) -> tuple[Method, ...]:
    """The methods of these ids, in this order; without ids all but those that are run on request only.

    Raises UnknownMethod.
    """
    if methods is None:
        return tuple(m for m in METHODS if not m.on_request)
    return tuple(method(id) for id in dict.fromkeys(methods))


def run(
    returns: Returns,
    methods: Sequence[str] | None = None,
    on_progress: Callable[[str], None] | None = None,
    on_failure: Callable[[str, Exception], None] | None = None,
) -> tuple[Finding, ...]:
    """Runs methods (`chosen`), sets the q-values over the p-values there are, and what is known of their errors.

    `on_progress`: told the id of each method before it runs. `on_failure`: told the id of a method that ends with
    an error of its own, a defect that the others should survive: it then has a finding that says so, with the error
    in `details`; without `on_failure` the error is raised. Raises UnknownMethod, before anything is run.
    """
    from tallyscope.forensics.calibration.lookup import error_rates

    findings = []
    for one in chosen(methods):
        if on_progress is not None:
            on_progress(one.id)
        try:
            finding = one.run(returns)
        except Exception as error:
            if on_failure is None:
                raise
            on_failure(one.id, error)
            finding = _broken(one, error)
        findings.append(replace(finding, error_rates=error_rates(one.id, returns)))
    return _with_q_values(findings)


def _broken(one: Method, error: Exception) -> Finding:
    from tallyscope.forensics.finding import OWN_ERROR, Condition, Finding

    told = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
    return Finding(
        method=one.id,
        mechanisms=one.mechanisms,
        question=one.question,
        applicable=False,
        conditions=(Condition("The method runs to its end", False, told),),
        summary=f"Has no answer: it ended with an error of its own, which is a defect of Tallyscope ({told}).",
        details={OWN_ERROR: told},
        source=one.source,
    )


def _with_q_values(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    import numpy as np

    from tallyscope.forensics.core.multiple import q_values

    q = q_values(np.asarray([np.nan if f.p_value is None else f.p_value for f in findings], dtype=np.float64))
    return tuple(f if np.isnan(one) else replace(f, q_value=float(one)) for f, one in zip(findings, q, strict=True))
