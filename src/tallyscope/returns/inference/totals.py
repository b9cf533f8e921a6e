"""Rows that are the sums of other rows: totals in disguise.

Within a group (the rows of a level, or of the whole file) a row r is the total of the others if in every column

    2 r = sum over the group,

r itself being one of the group; if a total is written k times, (k + 1) r = sum. Groups are looked at from the
lowest level up, and the totals found are left out of the sums above them, so that subtotals and a grand total in
one file are all found. A row that is named as a total, or that lacks a name, may also be the sum of a group that it
does not belong to by its labels, of the rows just above or below it, or of a single row.

No row is called a total by chance: its figures must be so large together, and so many, that being equal to a sum by
accident is out of the question (`_surprising`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["named_totals", "total_rows"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

WHOLE_FILE = "the other rows of the file"
#: A group needs this many rows with figures beside its total.
_MEMBERS, _NAMED_MEMBERS = 2, 2


#: How often one and the same total may be written.
_COPIES = (1, 2, 3)


@dataclass
class _Search:
    """What has been found so far; rows found are out of all further sums."""

    x: Ints
    standing: Bools
    #: Rows that say "total", and those that lack a name too.
    words: Bools
    named: Bools
    found: dict[int, str] = field(default_factory=dict)

    @cached_property
    def order(self) -> list[int]:
        """Columns, the one with the biggest sum first: it rules out the most."""
        return [int(c) for c in np.argsort(-self.x.sum(axis=0))]

    def take(self, rows: Ints, what: Sequence[str]) -> None:
        """Notes rows as totals."""
        self.found.update(zip(rows.tolist(), what, strict=True))
        self.standing[rows] = False


def total_rows(frame: pl.DataFrame, columns: Sequence[str], levels: Sequence[str]) -> pl.DataFrame:
    """Rows whose figures are, in all of `columns`, the sum of all other rows of their group.

    frame: one row per station and perhaps totals; columns: the figures (integers); levels: the tree, the top one
    first; other columns of text are looked at for words like "total". Returns `index` (UInt32, row of the frame)
    and `of` (text: what it is the sum of), ordered by index.
    """
    schema = {"index": pl.UInt32, "of": pl.String}
    used = [c for c in columns if c in frame.columns and frame[c].dtype.is_integer()]
    if frame.height < 3 or not used:
        return pl.DataFrame(schema=schema)
    x = np.empty((frame.height, len(used)), dtype=np.int64, order="F")
    for i, column in enumerate(used):
        figures = frame[column]
        x[:, i] = (figures.fill_null(0) if figures.null_count() else figures).to_numpy()
    levels = [c for c in levels if c in frame.columns]
    words = named_totals(frame)
    lacking = _nameless(frame, [c for c in frame.columns if c not in used])
    search = _Search(x, (x != 0).any(axis=1), words, words | lacking)
    for group, level in reversed(list(zip(_groups(frame, levels), levels, strict=True))):
        _search_level(search, group, frame, level)
    _search_file(search)
    if _search_blocks(search):
        _search_file(search)
    rows = sorted(search.found)
    return pl.DataFrame({"index": rows, "of": [search.found[r] for r in rows]}, schema=schema)


def named_totals(frame: pl.DataFrame) -> Bools:
    """(rows,): a cell of text says "total", in any language of the lexicon."""
    from tallyscope.returns.inference.names import lexicon, normalised

    given = lexicon()["totals"]["words"]
    words = {normalised(w) for w in given}
    starts = tuple(f"{w} " for w in words if len(w) > 3)
    # The few cells worth a closer look: they begin with the letters of such a word.
    pattern = r"(?i)^[\s\W]{0,3}(?:" + "|".join(sorted({w[:4] for w in {*given, *words}})) + ")"
    named = np.zeros(frame.height, dtype=np.bool_)
    for column in [c for c in frame.columns if frame[c].dtype == pl.String]:
        cells = frame[column].unique().drop_nulls()
        likely = cells.filter(cells.str.contains(pattern)).to_list()
        total = [c for c in likely if normalised(c) in words or normalised(c).startswith(starts)]
        if total:
            named |= frame[column].is_in(total).fill_null(False).to_numpy()
    return named


def _nameless(frame: pl.DataFrame, columns: Sequence[str]) -> Bools:
    """(rows,): a cell is empty in a column of names that is filled nearly everywhere."""
    lacking = np.zeros(frame.height, dtype=np.bool_)
    for column in columns:
        if 0 < frame[column].null_count() < 0.2 * frame.height:
            lacking |= frame[column].is_null().to_numpy()
    return lacking


def _search_level(search: _Search, group: Ints, frame: pl.DataFrame, level: str) -> None:
    """Totals within each group of a level; also named rows outside a group that equal its sum."""
    for rows in (_halves(search, group), _echoes(search, group)):
        search.take(rows, _labels(frame, rows, level))
    rows, of = _elsewhere(search, group)
    search.take(rows, _labels(frame, of, level))


def _search_file(search: _Search) -> None:
    everything = np.zeros(len(search.x), dtype=np.int64)
    while len(rows := _halves(search, everything)):
        search.take(rows, [WHOLE_FILE] * len(rows))


def _search_blocks(search: _Search) -> bool:
    """Rows that say "total" and are the sum of the rows up to the next such row; whether there are any."""
    marks = np.flatnonzero(search.words & search.standing)
    marks = marks[_surprising(search, marks)]
    if not len(marks):
        return False
    before = len(search.found)
    rest = np.where((search.standing & ~search.words)[:, None], search.x, 0)
    edges = [0, *(marks + 1).tolist(), len(rest)]
    for i, row in enumerate(marks.tolist()):
        above, below = rest[edges[i] : row], rest[row + 1 : max(row + 1, edges[i + 2] - (i + 1 < len(marks)))]
        for block, where in ((above, "above"), (below, "below")):
            if np.count_nonzero(block.any(axis=1)) >= _NAMED_MEMBERS and (block.sum(axis=0) == search.x[row]).all():
                search.take(np.array([row]), [f"the rows just {where} it"])
                break
    return len(search.found) > before


def _groups(frame: pl.DataFrame, levels: Sequence[str]) -> list[Ints]:
    """For every depth of the tree: (rows,) number of the group that a row belongs to; numbers may be left out."""
    groups: list[Ints] = []
    group = np.zeros(frame.height, dtype=np.int64)
    for level in levels:
        codes = frame[level].cast(pl.String).cast(pl.Categorical).to_physical()
        code = (codes.cast(pl.Int64) + 1).fill_null(0).to_numpy()
        group = group * (int(code.max()) + 1) + code
        if int(group.max()) > 4 * frame.height + 1_000:
            dense = pl.Series(group).cast(pl.String).cast(pl.Categorical).to_physical()
            group = dense.cast(pl.Int64).to_numpy()
        groups.append(group)
    return groups


def _sum(search: _Search, group: Ints, column: int) -> Ints:
    """(groups,) sums of one column over the rows that stand; exact below 2^53."""
    weights = np.where(search.standing, search.x[:, column], 0)
    return np.bincount(group, weights=weights).astype(np.int64, copy=False)


def _halves(search: _Search, group: Ints) -> Ints:
    """Standing rows that with their copies and the rest of their group add up to what a total must."""
    members = np.bincount(group, weights=search.standing)
    eligible = np.flatnonzero(search.standing & (members > _MEMBERS)[group])
    if not len(eligible):
        return eligible
    first, *others = search.order
    own, of = search.x[eligible, first], _sum(search, group, first)[group[eligible]]
    found = []
    for copies in _COPIES:
        rows = eligible[(copies + 1) * own == of]
        for column in others:
            if not len(rows):
                break
            rows = rows[(copies + 1) * search.x[rows, column] == _sum(search, group, column)[group[rows]]]
        rows = rows[_surprising(search, rows)]
        # As many rows as there are copies: else they are stations that happen to be alike.
        found.append(rows[np.bincount(group[rows], minlength=len(members))[group[rows]] == copies])
    return np.concatenate(found)


def _echoes(search: _Search, group: Ints) -> Ints:
    """Named rows of a group of two that repeat its only station."""
    members = np.bincount(group, weights=search.standing)
    rows = np.flatnonzero(search.standing & (members == 2)[group])
    rows = rows[np.argsort(group[rows], kind="stable")]
    pairs = rows.reshape(-1, 2)
    one = search.named[pairs].sum(axis=1) == 1
    pairs = pairs[one & (search.x[pairs[:, 0]] == search.x[pairs[:, 1]]).all(axis=1)]
    rows = pairs[search.named[pairs]]
    return np.asarray(rows[_surprising(search, rows)], dtype=np.int64)


def _elsewhere(search: _Search, group: Ints) -> tuple[Ints, Ints]:
    """Named rows that equal the sum of a group they are not in: their indices, and a row of that group each."""
    none = np.zeros(0, dtype=np.int64)
    rows = np.flatnonzero(search.named & search.standing)
    rows = rows[_surprising(search, rows)]
    if not len(rows):
        return none, none
    # Neither sums of their own nor parts of a group: named rows are out of the sums they are compared with.
    others = replace(search, standing=search.standing & ~search.named)
    sums = np.stack([_sum(others, group, c) for c in range(search.x.shape[1])], axis=1)
    members = np.bincount(group, weights=others.standing)
    known = {sums[g].tobytes(): g for g in np.flatnonzero(members >= _NAMED_MEMBERS).tolist()}
    hits = [(r, known.get(np.ascontiguousarray(search.x[r]).tobytes())) for r in rows.tolist()]
    good = [(r, g) for r, g in hits if g is not None]
    member = [int(np.flatnonzero((group == g) & others.standing)[0]) for _, g in good]
    return np.array([r for r, _ in good], dtype=np.int64), np.array(member, dtype=np.int64)


def _surprising(search: _Search, rows: Ints) -> Bools:
    """(rows,): the digits of a row's figures, halved as figures hang together, outnumber those of the row count."""
    digits = np.log10(1.0 + np.abs(search.x[rows])).sum(axis=1)
    several = np.count_nonzero(search.x[rows], axis=1) >= min(2, search.x.shape[1])
    return np.asarray((0.5 * digits >= 1.0 + np.log10(len(search.x))) & several)


def _labels(frame: pl.DataFrame, rows: Ints, level: str) -> list[str]:
    names = frame[level].cast(pl.String).gather(rows).to_list()
    return [f"the other rows of {level} {name!r}" for name in names]
