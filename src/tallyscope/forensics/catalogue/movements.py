"""Certificates, home voting, late additions, the pace of voting: voters who move."""

from __future__ import annotations

from tallyscope.forensics.method import Method

__all__ = ["METHODS"]

METHODS: tuple[Method, ...] = ()
