"""How the report writes numbers: thousands separated, a dash for what is not known, powers of ten as such."""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup, escape

__all__ = [
    "DASH",
    "FILTERS",
    "amount",
    "count",
    "fixed",
    "formula",
    "percent",
    "probability",
    "sentence",
    "several",
    "signed",
    "small",
    "title",
]

DASH = "–"
#: Below this a float cannot tell, and a reader need not.
_SMALLEST = 1e-300


def count(value: float | None) -> str:
    """109,860,331; a dash for None."""
    return DASH if value is None else f"{value:,.0f}"


def several(number: int, noun: str, nouns: str = "") -> str:
    """1 protocol, 1,484 protocols; `nouns`: the plural, if it is not with an s."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"


def fixed(value: float | None, digits: int) -> str:
    """A number with so many decimals; a dash for None or what is not a number."""
    if value is None or not math.isfinite(value):
        return DASH
    return f"{value:,.{digits}f}".replace("-", "\u2212")


def signed(value: float | None) -> str:
    """+1,161 or −12; 0 without a sign."""
    if value is None:
        return DASH
    return "0" if not round(value) else f"{value:+,.0f}".replace("-", "\u2212")


def percent(value: float | None, digits: int = 2) -> str:
    """65.27 %, with a space that does not break; a dash for None."""
    return DASH if value is None or not math.isfinite(value) else f"{value:.{digits}f}\u00a0%"


def amount(value: Any) -> str:
    """Any number with as many digits as mean something: 934.4, 0.031, 14,932,292."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, (int, float)):
        return str(value)
    if value == int(value) or abs(value) >= 1000:
        text = f"{value:,.0f}"
    else:
        text = f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"
    return text.replace("-", "\u2212")


def small(value: float | None) -> str:
    """A small number with two digits that mean something: 0.021, 0.5, 12; a dash for None."""
    if value is None or not math.isfinite(value):
        return DASH
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.2g}".replace("-", "\u2212")


def probability(value: float | None) -> Markup:
    """0.034, 2.1 × 10⁻⁹, or that it is below what can be written; 1 is certainty and not what is near to it."""
    if value is None:
        return escape(DASH)
    if value < _SMALLEST:
        return Markup("below&nbsp;10<sup>−300</sup>")
    if 0.9995 <= value < 1.0:
        return escape("above 0.999")
    if value >= 0.001:
        return escape(f"{value:.3f}" if value < 0.1 or 0.99 < value < 1.0 else f"{value:.2f}")
    mantissa, exponent = f"{value:.1e}".split("e")
    return Markup("{}&nbsp;×&nbsp;10<sup>−{}</sup>").format(mantissa, -int(exponent))


def title(id: str) -> str:
    """What an id is called in a heading: `integer-percentages` -> Integer percentages."""
    text = id.replace("-", " ").replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a full stop at its end, unless it ends in one."""
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else text + "."


def formula(expression: str) -> str:
    """A relation's text as people write it: L1 ≥ L3 + L4, 1.02 × registered."""
    for typed, written in (("<=", "≤"), (">=", "≥"), ("*", "×"), (" - ", " − "), ("_", "\u00a0")):
        expression = expression.replace(typed, written)
    return expression


FILTERS = {
    "amount": amount,
    "count": count,
    "fixed": fixed,
    "formula": formula,
    "percent": percent,
    "probability": probability,
    "sentence": sentence,
    "signed": signed,
    "small": small,
    "title_of": title,
}
