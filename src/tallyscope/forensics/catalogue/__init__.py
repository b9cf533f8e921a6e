"""What there is to ask, one module a family of methods; `METHODS` in the order in which a report tells them."""

from __future__ import annotations

from tallyscope.forensics.catalogue import (
    anomalous,
    arrival,
    digits,
    fingerprints,
    integers,
    mixture,
    movements,
    shares,
)
from tallyscope.forensics.method import Method

__all__ = ["METHODS"]

METHODS: tuple[Method, ...] = (
    *integers.METHODS,
    *shares.METHODS,
    *digits.METHODS,
    *anomalous.METHODS,
    *fingerprints.METHODS,
    *mixture.METHODS,
    *movements.METHODS,
    *arrival.METHODS,
)
