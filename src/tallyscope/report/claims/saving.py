"""The files of checked articles, written into a folder: nothing is half-written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tallyscope.report.claims.checked import Checked
from tallyscope.report.claims.claims_json import claims_text
from tallyscope.report.saving import save_whole

__all__ = ["save_claims"]


def save_claims(articles: Sequence[Checked], out: Path | str) -> Path:
    """Writes claims.html and claims.json into `out`. Raises OSError."""
    from tallyscope.report.claims.page import claims_page

    def write(folder: Path) -> None:
        (folder / "claims.json").write_text(claims_text(articles), encoding="utf-8")
        (folder / "claims.html").write_text(claims_page(articles), encoding="utf-8")

    return save_whole(out, write)
