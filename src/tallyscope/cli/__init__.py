"""The command line: one module a command; nothing heavy is imported before a command needs it."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Entry point of the `tallyscope` command."""
    from tallyscope.cli.app import app

    app()
