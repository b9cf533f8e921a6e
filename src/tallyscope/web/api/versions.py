"""Versions below the token's commission, as the record has them, and the proof that one is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel
from sqlalchemy import select

from tallyscope.ledger.accounts.tokens import Token
from tallyscope.ledger.accounts.tree import Tree
from tallyscope.ledger.schema import stations, versions
from tallyscope.ledger.version import Gap, Source, Stage, Version
from tallyscope.web.api.machines import Machine, require
from tallyscope.web.api.paging import Limit, Start
from tallyscope.web.serving import Serving, ServingNow

__all__ = ["router"]

router = APIRouter(tags=["what is in"])
_Number = Annotated[int, Path(ge=0, le=2**53)]


class VersionOut(BaseModel):
    """A version as the record has it. `figures`: line or `votes_<choice>` -> count; `gaps`: why there is none."""

    number: int
    station: str
    form: str
    source: Source
    stage: Stage
    figures: dict[str, int]
    gaps: dict[str, Gap]
    entered_by: str
    accepted_by: str
    accepted_at: datetime
    reason: str
    evidence: str | None
    supersedes: int | None
    leaf_hash: str


class VersionsOut(BaseModel):
    """A page of versions in the order of the record; `next` is None at its end."""

    versions: list[VersionOut]
    next: int | None


class ProofOut(BaseModel):
    """RFC 6962: `path` leads from `leaf_hash` to `root`, hex; `leaf` is what was hashed, canonical JSON."""

    number: int
    size: int
    leaf: str
    leaf_hash: str
    path: list[str]
    root: str


def _told(version: Version) -> VersionOut:
    """A version as the API tells it."""
    assert version.number is not None
    return VersionOut(
        **{**version.content(), "accepted_at": version.accepted_at},
        number=version.number,
        leaf_hash=version.leaf_hash().hex(),
    )


@router.get("/versions")
def list_versions(
    serving: ServingNow,
    token: Machine,
    start: Start = 0,
    limit: Limit = 100,
    station: Annotated[str | None, Query(max_length=2_000, description="Key of a station.")] = None,
    source: Source | None = None,
) -> VersionsOut:
    """Versions below the token's commission. A page looks at `limit` numbers and may be shorter."""
    require(token, "see", token.place)
    size = serving.ledger.size
    stop = min(start + limit, size) if station is None else size
    found = serving.ledger.versions(station=station, source=source, start=start, stop=stop)
    mine = _below(serving.office.tree, serving, token, start, stop) if station is None else None
    if station is not None and not _is_below(serving, token, station):
        return VersionsOut(versions=[], next=None)
    page: list[VersionOut] = []
    for version in found:
        if len(page) == limit:
            return VersionsOut(versions=page, next=version.number)
        if mine is None or version.number in mine:
            page.append(_told(version))
    return VersionsOut(versions=page, next=stop if stop < size else None)


def _below(tree: Tree, serving: Serving, token: Token, start: int, stop: int) -> frozenset[int]:
    """Numbers of the versions of stations below the token's commission."""
    wanted = (
        select(versions.c.number)
        .join_from(versions, stations, versions.c.station == stations.c.id)
        .where(versions.c.number >= start, versions.c.number < stop)
        .where(stations.c.commission.in_(tree.within(token.place[-1])))
    )
    with serving.office.reading() as connection:
        return frozenset(connection.scalars(wanted))


def _is_below(serving: Serving, token: Token, station: str) -> bool:
    with serving.office.reading() as connection:
        at = connection.scalar(select(stations.c.commission).where(stations.c.key == station))
    return at is not None and token.may("see", serving.office.tree.place(at))


@router.get("/versions/{number}")
def one_version(serving: ServingNow, token: Machine, number: _Number) -> VersionOut:
    """One version."""
    return _told(_version(serving, token, number))


@router.get("/versions/{number}/proof")
def proof(
    serving: ServingNow, token: Machine, number: _Number, size: Annotated[int | None, Query(ge=1, le=2**53)] = None
) -> ProofOut:
    """The proof that a version is in the record, or in that of the first `size` versions (of a bulletin)."""
    _version(serving, token, number)
    if size is not None and not number < size <= serving.ledger.size:
        raise HTTPException(404, "The record of this size does not have the version.")
    found = serving.ledger.prove(number, size)
    return ProofOut(
        number=found.number,
        size=found.size,
        leaf=found.leaf.decode(),
        leaf_hash=found.leaf_hash.hex(),
        path=[hash.hex() for hash in found.path],
        root=found.root.hex(),
    )


def _version(serving: Serving, token: Token, number: int) -> Version:
    """A version below the token's commission; one that is not there and one that is not its are answered alike."""
    try:
        version = serving.ledger.version(number)
    except LookupError:
        version = None
    if version is None or not _is_below(serving, token, version.station):
        raise HTTPException(404, "There is no such version below the token's commission.")
    return version
