"""A made night for the tests of the public pages: 299 stations, three bulletins, corrections, hostile names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import lxml.html
import polars as pl

from made_night import published_of
from made_returns import made_returns
from tallyscope.ledger.protocols import versions_of
from tallyscope.ledger.version import Version
from tallyscope.returns.table import Returns
from tallyscope.web.public.pages import page
from tallyscope.web.public.published import Published

__all__ = ["START", "accepted", "corrected", "document", "made_night", "numbers", "select", "stations_of_made"]

START = datetime(2020, 3, 1, 18, 0, tzinfo=UTC)


def stations_of_made(names: tuple[str, str] = ("Anna A", "Boris B"), region: str = "North") -> Returns:
    """The made country, without the protocol that has more votes than ballots."""
    return made_returns(names=names, region=region).filter(pl.int_range(pl.len()) != 2)


def accepted(returns: Returns, rows: Sequence[int], first: int = 0) -> list[Version]:
    """Protocols of these rows as versions of a record, numbered from `first`, a minute apart."""
    made = versions_of(returns, rows, entered_by="clerk", accepted_by="second clerk", at=START)
    times = [START + timedelta(minutes=first + i) for i in range(len(made))]
    return [replace(v, number=first + i, accepted_at=t) for i, (v, t) in enumerate(zip(made, times, strict=True))]


def corrected(version: Version, number: int, reason: str, **figures: int) -> Version:
    """A repeat protocol that says something else."""
    return replace(
        version,
        number=number,
        supersedes=version.number,
        stage="repeat",
        reason=reason,
        figures={**version.figures, **figures},
        accepted_at=START + timedelta(minutes=number),
    )


@cache
def made_night(names: tuple[str, str] = ("Anna A", "Boris B"), region: str = "North") -> Published:
    """Bulletins after 100 protocols, after 200 and a correction of the tenth, after 250 more."""
    returns = stations_of_made(names, region)
    places = returns.table.with_row_index().filter(pl.col("status") != "empty").sort("region", "territory", "index")
    rows = places["index"].to_list()
    versions = accepted(returns, rows[:200])
    tenth = versions[10]
    fix = corrected(
        tenth,
        200,
        "lines 5 and 6 were mixed up",
        votes_a=tenth.figures["votes_b"],
        votes_b=tenth.figures["votes_a"],
    )
    versions = [*versions, fix, *accepted(returns, rows[200:250], 201)]
    stops = [(100, 100), (201, 201), (251, 251)]
    return published_of(returns, versions, [(size, START + timedelta(minutes=m)) for size, m in stops])


def document(published: Published, path: str) -> lxml.html.HtmlElement:
    """A page as a browser reads it."""
    return lxml.html.document_fromstring(page(published, path))


def select(node: lxml.html.HtmlElement, path: str) -> list[lxml.html.HtmlElement]:
    """Elements below a node by `tag.class tag.class ...`, in the order of the page."""
    found = ""
    for part in path.split():
        tag, _, kind = part.partition(".")
        found += f"//{tag}" + (f"[contains(concat(' ', @class, ' '), ' {kind} ')]" if kind else "")
    return node.xpath(f".{found}")


def numbers(cells: Sequence[lxml.html.HtmlElement], read: Callable[[str], float] = float) -> list[float]:
    """Numbers as an English page writes them."""
    return [read(cell.text_content().replace(",", "").replace("\u202f%", "").strip()) for cell in cells]
