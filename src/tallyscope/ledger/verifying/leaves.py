"""Every version against its leaf: what the columns say, what was hashed, its hash. Two tell on the third."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from tallyscope.ledger.core.merkle import leaf_hash
from tallyscope.ledger.verifying.fault import Fault
from tallyscope.ledger.verifying.raw import canonical_bytes, moment_text, rows

__all__ = ["Leaves", "read_leaves"]

_FIELDS = ("source", "stage", "accepted_at", "entered_by", "accepted_by", "reason", "evidence", "supersedes")


@dataclass
class Leaves:
    """What the versions are. `hashes`: of each by its number, None where it is not there any more.

    `order`: (number, station id, source, stage, supersedes) of each, as the columns have them.
    """

    hashes: list[bytes | None] = field(default_factory=list)
    order: list[tuple[Any, ...]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def whole(self) -> list[bytes] | None:
        """The hashes, if none is missing."""
        return [h for h in self.hashes if h is not None] if None not in self.hashes else None


def read_leaves(connection: Connection, columns: Sequence[str], form: str) -> Leaves:
    """Reads and checks every version. `columns`: the figures of the form; `form`: its id."""
    found, gaps = Leaves(), _gaps(connection)
    size = next(rows(connection, "SELECT COUNT(*) FROM versions"))[0]
    found.hashes = [None] * size
    strays: list[tuple[Any, ...]] = []
    holes = set(range(size))
    for row in _versions(connection, columns):
        if row[0] not in holes:
            strays.append(row)
            continue
        holes.remove(row[0])
        _check(found, row, columns, gaps.pop(row[0], {}), form)
    for number, row in zip(sorted(holes), strays, strict=True):
        text = f"it has the number {row[0]!r}, which it was not accepted under."
        found.faults.append(Fault("versions", "number", text, number, row[2]))
        found.hashes[number] = row[12] if isinstance(row[12], bytes) else None
    found.faults += _orphans(connection, gaps)
    return found


def _versions(connection: Connection, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """number, station id and key, _FIELDS, leaf, leaf_hash, whether it has figures, figures."""
    quote = connection.dialect.identifier_preparer.quote
    figures = "".join(f", f.{quote(c)}" for c in columns).replace(":", r"\:")
    named = ", ".join(f"v.{name}" for name in _FIELDS)
    yield from rows(
        connection,
        f"SELECT v.number, v.station, s.key, {named}, v.leaf, v.leaf_hash, f.version{figures} FROM versions v "
        "LEFT JOIN stations s ON s.id = v.station LEFT JOIN figures f ON f.version = v.number ORDER BY v.number",
    )


def _gaps(connection: Connection) -> dict[Any, dict[Any, Any]]:
    found: dict[Any, dict[Any, Any]] = {}
    for version, figure, reason in rows(connection, "SELECT version, figure, reason FROM gaps"):
        found.setdefault(version, {})[figure] = reason
    return found


def _check(found: Leaves, row: tuple[Any, ...], columns: Sequence[str], gaps: Mapping[Any, Any], form: str) -> None:
    number, station, key, leaf, hash, has_figures = row[0], row[1], row[2], row[11], row[12], row[13]
    values = dict(zip(_FIELDS, row[3:11], strict=True))
    values["accepted_at"] = moment_text(values["accepted_at"])
    figures = {c: n for c, n in zip(columns, row[14:], strict=True) if n is not None}
    content = {"station": key, "form": form, "figures": figures, "gaps": dict(gaps), **values}
    found.order.append((number, station, values["source"], values["stage"], values["supersedes"]))
    written = canonical_bytes(content)
    if written == leaf and leaf_hash(leaf) == hash:
        found.hashes[number] = hash
        return
    where = Where(number, key if isinstance(key, str) else None)
    found.hashes[number], faults = _located(where, content, written, leaf, hash)
    if has_figures is None:
        faults = [where.fault("figures", "version", "its row of figures is not there.")]
    found.faults += faults


@dataclass(frozen=True)
class Where:
    """The version whose damage is told."""

    number: int
    station: str | None

    def fault(self, table: str, column: str, text: str) -> Fault:
        """Damage of this version."""
        return Fault(table, column, text, self.number, self.station)


def _located(
    where: Where, content: Mapping[str, Any], written: bytes, leaf: Any, hash: Any
) -> tuple[bytes | None, list[Fault]]:
    """The hash that two of the three agree on, and what the third says."""
    if isinstance(leaf, bytes) and leaf_hash(leaf) == hash:
        return hash, [*_columns(where, content, leaf)]
    if leaf_hash(written) == hash:
        text = f"byte {_first_difference(leaf, written):,} of it is not what was hashed."
        return hash, [where.fault("versions", "leaf", text)]
    if written == leaf:
        return leaf_hash(written), [where.fault("versions", "leaf_hash", "it is not the hash of the leaf.")]
    text = "leaf, hash and columns say three different things."
    told = [*_columns(where, content, leaf)] if isinstance(leaf, bytes) else []
    return None, [where.fault("versions", "leaf_hash", text), *told]


def _first_difference(leaf: Any, written: bytes) -> int:
    raw = leaf if isinstance(leaf, bytes) else b""
    pairs = zip(raw, written, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(raw), len(written)))


def _columns(where: Where, content: Mapping[str, Any], leaf: bytes) -> Iterator[Fault]:
    """Columns that say something else than the leaf."""
    try:
        said = json.loads(leaf)
        pairs = [(name, said[name], content[name]) for name in content]
    except (ValueError, KeyError, TypeError):
        yield where.fault("versions", "leaf", "it is not a version in canonical JSON.")
        return
    told = False
    for name, hashed, stored in pairs:
        if name in ("figures", "gaps"):
            for figure in sorted({*hashed, *stored}, key=str):
                if hashed.get(figure) != stored.get(figure) or type(hashed.get(figure)) is not type(
                    stored.get(figure)
                ):
                    column = (
                        figure
                        if name == "figures"
                        else "reason"
                        if figure in hashed and figure in stored
                        else "figure"
                    )
                    told = True
                    yield where.fault(name, str(column), _says(stored.get(figure), hashed.get(figure)))
        elif hashed != stored or type(hashed) is not type(stored):
            told = True
            yield where.fault("versions" if name != "form" else "election", name, _says(stored, hashed))
    if not told:
        yield where.fault("versions", "leaf", "it is hashed, but not in canonical JSON.")


def _says(stored: Any, hashed: Any) -> str:
    return f"it says {stored!r}, and {hashed!r} was accepted."


def _orphans(connection: Connection, gaps: Mapping[Any, Mapping[Any, Any]]) -> Iterator[Fault]:
    """Rows of figures and gaps that are of no version."""
    for version, of in gaps.items():
        yield Fault("gaps", "version", f"there is no version {version!r}, which {', '.join(map(str, of))} is of.")
    statement = (
        "SELECT version FROM figures f WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.number = f.version)"
    )
    for (version,) in rows(connection, statement):
        yield Fault("figures", "version", f"there is no version {version!r} that this row would be of.")
