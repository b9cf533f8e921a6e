"""The order in which protocols came in, and how they were counted."""

from __future__ import annotations

from tallyscope.forensics.method import Method

__all__ = ["METHODS"]

METHODS: tuple[Method, ...] = ()
