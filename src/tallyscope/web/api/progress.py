"""How far the count is, and its stations, below the token's commission."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import func, select

from tallyscope.ledger.schema import standing, stations
from tallyscope.ledger.version import Source
from tallyscope.web.api.machines import Machine, require
from tallyscope.web.api.paging import Limit, Start
from tallyscope.web.serving import ServingNow

__all__ = ["router"]

router = APIRouter(tags=["what is in"])


class StatusOut(BaseModel):
    """How far the count is below a commission: polling stations with an official protocol that counts."""

    election: str
    title: str
    origin: str
    commission: list[str]
    processed: int
    of: int
    #: Versions in the whole record.
    versions: int


class StationOut(BaseModel):
    """A station and the number of the version that stands for each source."""

    key: str
    name: str
    commission: list[str]
    kind: str
    registered_before: int | None
    standing: dict[Source, int]


class StationsOut(BaseModel):
    """A page of stations; `next` is None on the last."""

    stations: list[StationOut]
    next: int | None


@router.get("/status")
def status(serving: ServingNow, token: Machine) -> StatusOut:
    """How far the count is below the token's commission."""
    require(token, "see", token.place)
    tree, here = serving.office.tree, token.place[-1]
    below = stations.c.commission.in_(tree.within(here)) & (stations.c.kind == "station")
    counted = (standing.c.source == "official") & standing.c.counted
    in_ = select(func.count()).select_from(stations.join(standing, standing.c.station == stations.c.id))
    with serving.office.reading() as connection:
        of = connection.scalar(select(func.count()).select_from(stations).where(below))
        processed = connection.scalar(in_.where(below, counted))
    election = serving.ledger.election
    return StatusOut(
        election=election.id,
        title=election.title,
        origin=serving.ledger.origin,
        commission=list(tree.path(here)),
        processed=processed or 0,
        of=of or 0,
        versions=serving.ledger.size,
    )


@router.get("/stations")
def list_stations(serving: ServingNow, token: Machine, start: Start = 0, limit: Limit = 100) -> StationsOut:
    """Stations below the token's commission, in the order of the list."""
    require(token, "see", token.place)
    tree = serving.office.tree
    wanted = (
        select(stations)
        .where(stations.c.commission.in_(tree.within(token.place[-1])), stations.c.id >= start)
        .order_by(stations.c.id)
        .limit(limit + 1)
    )
    with serving.office.reading() as connection:
        rows = connection.execute(wanted).all()
        ids = [row.id for row in rows[:limit]]
        stands: dict[int, dict[Source, int]] = {id: {} for id in ids}
        for row in connection.execute(select(standing).where(standing.c.station.in_(ids))):
            stands[row.station][row.source] = row.version
    found = [
        StationOut(
            key=row.key,
            name=row.name,
            commission=list(tree.path(row.commission)),
            kind=row.kind,
            registered_before=row.registered_before,
            standing=stands[row.id],
        )
        for row in rows[:limit]
    ]
    return StationsOut(stations=found, next=rows[limit].id if len(rows) > limit else None)
