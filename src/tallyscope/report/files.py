"""The files of a report, written into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tallyscope.report.findings_json import findings_text
from tallyscope.report.saved import STATIONS, write_stations
from tallyscope.report.tables import tally_table
from tallyscope.returns.writers import safe_csv

if TYPE_CHECKING:
    from tallyscope.charts.picture import Picture
    from tallyscope.charts.studio import Studio
    from tallyscope.report.examination import Examination

__all__ = ["write_files"]


def write_files(examination: Examination, folder: Path, studio: Studio | None = None) -> None:
    """Writes everything into `folder`, which exists. `studio`: draws the figures meanwhile, if there is one."""
    if studio is not None:
        studio.show(examination.returns)
        studio.ask(examination.findings)
    (folder / "findings.json").write_text(findings_text(examination), encoding="utf-8")
    safe_csv(tally_table(examination.tallies), folder / "tally.csv")
    write_stations(examination, folder / STATIONS)
    if studio is not None:
        pictures = studio.pictures()
    else:
        from tallyscope.charts.gallery import draw_all

        pictures = draw_all(examination.returns, examination.findings)
    _write_page(examination, folder, pictures)


def _write_page(examination: Examination, folder: Path, pictures: tuple[Picture, ...]) -> None:
    from tallyscope.report.html import page

    charts = folder / "charts"
    charts.mkdir()
    for picture in pictures:
        (charts / f"{picture.name}.svg").write_text(picture.wide.standing(), encoding="utf-8")
    (folder / "report.html").write_text(page(examination, pictures), encoding="utf-8")
