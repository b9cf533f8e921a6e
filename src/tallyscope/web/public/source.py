"""From the record to the pages: a bulletin with the returns and versions that it counts, held against what it says.

The pages are made of the returns (`Ledger.returns`), the bulletin says what was published and signed. Both are the
same count by different ways, so they are compared, unit by unit and figure by figure, before anything is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zlib import compress

import polars as pl
from sqlalchemy import select

from tallyscope.election.roles import VOTES
from tallyscope.ledger import schema
from tallyscope.ledger.bulletins import Bulletin, bulletin
from tallyscope.ledger.bulletins.reading import newest
from tallyscope.ledger.database import reading
from tallyscope.ledger.history import from_leaf
from tallyscope.ledger.store import Ledger
from tallyscope.ledger.version import SOURCES
from tallyscope.web.language import SOURCE, language
from tallyscope.web.public.history import history_of
from tallyscope.web.public.invariants import Inconsistent, held
from tallyscope.web.public.published import BulletinHead, Published

__all__ = ["LedgerBulletins"]

#: Versions read at once.
_PAGE = 10_000


class LedgerBulletins:
    """The bulletins of a count. What was read once is kept: neither versions nor bulletins ever change."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._heads: dict[int, BulletinHead] = {}
        self._leaves: list[bytes] = []
        self._history, self._gaps = history_of([], ledger.election)

    def newest(self) -> int | None:
        """The number of the newest bulletin, None before the first; reads nothing else."""
        return newest(self._ledger)

    def load(self, number: int) -> Published:
        """A bulletin with everything that its pages show. Raises Refused where there is none, Inconsistent."""
        body = bulletin(self._ledger, number).body
        heads = [self._head(n) for n in range(number, 0, -1)]
        size = heads[0].size
        self._read(size)
        returns = self._ledger.returns(as_of=size)
        history = self._history.head(size)
        others = [s for s in SOURCES if s != "official" and s in history["source"].unique()]
        published = Published(
            returns,
            heads,
            history,
            self._gaps.filter(pl.col("version") < size),
            leaves=self._leaves[:size],
            copies={s: self._ledger.returns(as_of=size, source=s) for s in others},
        )
        if problems := list(_disagreements(published, body)):
            raise Inconsistent(problems)
        return held(published)

    def _head(self, number: int) -> BulletinHead:
        if number not in self._heads:
            self._heads[number] = _head(bulletin(self._ledger, number))
        return self._heads[number]

    def _read(self, size: int) -> None:
        """Adds the versions that came in since the last bulletin that was read."""
        v, election = schema.versions.c, self._ledger.election
        while len(self._leaves) < size:
            first = len(self._leaves)
            stop = min(size, first + _PAGE)
            wanted = select(v.number, v.leaf).where(v.number >= first, v.number < stop).order_by(v.number)
            with reading(self._ledger.engine) as connection:
                rows = connection.execute(wanted).all()
            if len(rows) != stop - first:
                raise Inconsistent([f"The record lacks versions between {first:,} and {stop:,}."])
            history, gaps = history_of((from_leaf(number, leaf) for number, leaf in rows), election)
            self._history = pl.concat([self._history, history])
            self._gaps = pl.concat([self._gaps, gaps])
            self._leaves += [bytes(leaf) for _number, leaf in rows]


def _head(found: Bulletin) -> BulletinHead:
    shares = {
        name.removeprefix("share_"): None if value is None else float(value)
        for name, value in found.nation.items()
        if name.startswith("share_")
    }
    return BulletinHead(
        found.number,
        found.published_at,
        found.size,
        found.processed,
        found.of,
        found.root,
        shares,
        found.checkpoint,
        compress(found.text.encode()),
    )


def _disagreements(published: Published, body: Mapping[str, Any]) -> Iterator[str]:
    """Where the pages would say something else than the bulletin that was signed."""
    columns = body["units"]["columns"]
    said = {tuple(row["path"]): row for row in (dict(zip(columns, r, strict=True)) for r in body["units"]["rows"])}
    number = body["number"]
    if (published.progress.processed, body["of"]) != (body["processed"], published.latest.of):
        yield f"Bulletin {number} says {body['processed']:,} protocols, the returns have others."
    for unit in published.units:
        name = " / ".join(unit.path) or published.returns.election.title
        row = said.pop(unit.path, None)
        if row is None:
            yield f"{name}: is not in bulletin {number}."
            continue
        shown = _as_said(published, unit.figures)
        yield from (
            f"{name}: {figure} is {value} in the returns and {row[figure]} in bulletin {number}."
            for figure, value in shown.items()
            if figure in row and row[figure] != value
        )
    for path, row in said.items():
        if row["stations"] or row["pseudo"]:
            yield f"{' / '.join(path)}: is in bulletin {number} and has no page."


def _as_said(published: Published, figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a unit as a bulletin writes them: shares as texts with two decimals."""
    two_decimals = language(SOURCE).decimals
    counts = {c: figures[c] for c in published.returns.figures}
    ratios = ["turnout", *(f"share_{c.removeprefix(VOTES)}" for c in published.returns.votes_columns)]
    shares = {r: None if figures[r] is None else two_decimals(figures[r], 2) for r in ratios}
    processed = int(figures["stations"]) - int(figures["empty"])
    return {"stations": figures["stations"], "processed": processed, **counts, **shares}
