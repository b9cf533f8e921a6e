"""What a count was opened with: hashes of its election and of every commission's list of stations.

Written down when the count is opened and signed with the first bulletin: a list that is changed in between, or
after, is found by `verify`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from tallyscope.ledger import schema
from tallyscope.ledger.errors import Unavailable
from tallyscope.ledger.words import canonical, moment, sha256

__all__ = ["ELECTION", "digests", "keep_digests", "kept_digests"]

#: What is hashed of the row of `election`.
ELECTION = ("id", "title", "origin", "definition", "opened_at")


def digests(connection: Connection) -> dict[str, Any]:
    """What is in the database now: hashes of the columns of `election`; the commissions, as [id, id of the one
    above, level, name]; and for each that has stations, [its id, hash of them].

    A list of stations is hashed as lines, in its order, of id, length of the name, name, kind, and voters before
    voting ("None" for no number), with tabs between them.
    """
    e, s, c = schema.election.c, schema.stations.c, schema.commissions.c
    row = connection.execute(select(e.id, e.title, e.origin, e.definition, e.opened_at)).one()
    said = dict(zip(ELECTION, (*row[:4], moment(row[4])), strict=True))
    hashes: dict[int, Any] = {}
    wanted = select(s.commission, s.id, s.name, s.kind, s.registered_before).order_by(s.id)
    # The driver's own rows, a million of them: all are numbers and texts, which SQLAlchemy would only wrap.
    rows: Any = connection.execute(wanted)
    for commission, id, name, kind, before in rows.cursor:
        hash = hashes.get(commission)
        if hash is None:
            hash = hashes[commission] = hashlib.sha256()
        hash.update(f"{id}\t{len(name)}\t{name}\t{kind}\t{before}\n".encode())
    places = select(c.id, c.parent, c.level, c.name).order_by(c.id)
    return {
        "election": {column: sha256(value).hex() for column, value in said.items()},
        "commissions": [list(row) for row in connection.execute(places)],
        "stations": [[id, hash.hexdigest()] for id, hash in sorted(hashes.items())],
    }


def keep_digests(connection: Connection) -> None:
    """Writes down what a count is opened with, once."""
    connection.execute(insert(schema.opened).values(id=1, said=canonical(digests(connection))))


def kept_digests(connection: Connection) -> Mapping[str, Any] | None:
    """What was written down; None in a count that an earlier version of the program opened. Raises Unavailable."""
    text = connection.scalar(select(schema.opened.c.said))
    try:
        said = None if text is None else json.loads(text)
    except ValueError:
        said = ()
    if said is not None and not isinstance(said, dict):
        raise Unavailable(
            "what the count was opened with cannot be read any more: `tallyscope count verify` says more."
        )
    return said
