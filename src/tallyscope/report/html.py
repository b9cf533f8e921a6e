"""The report as a page: one HTML file that loads nothing, for screens light and dark, phones, and paper."""

from __future__ import annotations

import re
import shlex
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tallyscope.charts.theme import FONT, palette, variable
from tallyscope.report.captions import CAPTIONS
from tallyscope.report.view_checks import checks_view
from tallyscope.report.view_facts import facts
from tallyscope.report.view_findings import finding_view
from tallyscope.report.view_matrix import matrix
from tallyscope.report.view_ranking import ranking
from tallyscope.report.view_regions import region_table
from tallyscope.report.words import FILTERS

if TYPE_CHECKING:
    from tallyscope.charts.export import Drawing
    from tallyscope.charts.picture import Picture
    from tallyscope.report.examination import Examination

__all__ = ["card", "environment", "page", "resource", "variables"]

_SERIF = "Charter, 'Bitstream Charter', 'Iowan Old Style', 'Sitka Text', Cambria, Georgia, 'Times New Roman', serif"
_MONO = "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def page(examination: Examination, pictures: Sequence[Picture]) -> str:
    """The whole report as HTML text."""
    script = resource("report.js")
    common = _common(examination)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            **common,
            matrix=matrix(common["findings"]),
            ranking=ranking(examination),
            regions=region_table(
                examination.returns,
                examination.checks,
                examination.findings,
                examination.tallies,
            ),
            pictures={p.name: p for p in pictures},
            inline=_inline,
            captions=CAPTIONS,
            style=Markup(variables() + resource("report.css")),
            script=Markup(script),
            script_hash="sha256-" + b64encode(sha256(script.encode()).digest()).decode(),
            command_files=_command_files(examination),
        )
    )


def card(examination: Examination) -> str:
    """The examination in short, for a notebook."""
    return environment().get_template("card.html.j2").render(**_common(examination))


def _common(examination: Examination) -> dict[str, Any]:
    created = examination.created
    return {
        "e": examination,
        "election": examination.returns.election,
        "facts": facts(examination.returns, examination.checks),
        "checks": checks_view(examination.returns, examination.checks),
        "findings": tuple(finding_view(f) for f in examination.findings),
        "created": f"{created.day} {created:%B %Y}",
    }


@cache
def environment() -> Environment:
    """Where the templates of reports are; everything that is put into one is escaped."""
    environment = Environment(
        loader=PackageLoader("tallyscope.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(FILTERS)
    environment.tests["search"] = lambda text, pattern: re.search(pattern, text) is not None
    return environment


@cache
def resource(name: str) -> str:
    """The text of a file beside the templates."""
    return files("tallyscope.report").joinpath("templates", name).read_text(encoding="utf-8")


def _inline(drawing: Drawing, id: str) -> Markup:
    """Our own drawing, whose texts the renderer has escaped."""
    return Markup(drawing.inline(id))


def _command_files(examination: Examination) -> str:
    names = dict.fromkeys(s.name.split(":")[0] for s in examination.returns.sources)
    return " ".join(shlex.quote(name) for name in names) or "FILE"


@cache
def variables() -> str:
    """The colours of the page and its figures as custom properties; paper is always light."""
    light = {variable(name): pair[0] for name, pair in palette().items()} | {variable("strong"): "#a63f00"}
    dark = {variable(name): pair[1] for name, pair in palette().items()} | {variable("strong"): "#ff9a57"}
    fonts = {"--sans": FONT, "--serif": _SERIF, "--mono": _MONO}
    return (
        f":root{{{_declared(fonts)}{_declared(light)}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{_declared(dark)}}}}}\n"
    )


def _declared(properties: Mapping[str, str]) -> str:
    return "".join(f"{name}:{value};" for name, value in properties.items())
