"""Bulletins as they were published, and the protocols that lie between two of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel

from tallyscope.ledger.bulletins.difference import difference
from tallyscope.ledger.bulletins.reading import Bulletin, bulletin, newest
from tallyscope.ledger.errors import Refused
from tallyscope.web.api.machines import Machine
from tallyscope.web.serving import Serving, ServingNow

__all__ = ["router"]

router = APIRouter(tags=["what is published"])
_Number = Annotated[int, Path(ge=1, le=2**53)]


class BulletinHead(BaseModel):
    """A bulletin without its body. `size`: versions that it counts; `root`: of the record then, hex."""

    number: int
    published_at: datetime
    published_by: str
    size: int
    root: str
    processed: int
    of: int


class BulletinsOut(BaseModel):
    """A page of bulletins; `next` is None on the last."""

    bulletins: list[BulletinHead]
    next: int | None


class BulletinOut(BulletinHead):
    """A bulletin: `checkpoint` is the signed note (C2SP), `body` the canonical JSON as it was hashed."""

    checkpoint: str
    body: str


class DifferenceOut(BaseModel):
    """Official protocols that stand otherwise in bulletin `b` than in `a`: a page of `of`."""

    a: int
    b: int
    of: int
    protocols: list[dict[str, Any]]
    next: int | None


@router.get("/bulletins")
def list_bulletins(
    serving: ServingNow,
    _token: Machine,
    start: Annotated[int, Query(ge=1, le=2**53, description="Number of the first one of the page.")] = 1,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> BulletinsOut:
    """Bulletins by number, which are 1, 2, 3 ... without holes."""
    last = newest(serving.ledger) or 0
    end = min(start + limit, last + 1)
    found = [bulletin(serving.ledger, number) for number in range(start, end)]
    more = start < end <= last
    return BulletinsOut(bulletins=[BulletinHead(**_head(b)) for b in found], next=end if more else None)


@router.get("/bulletins/{number}")
def one_bulletin(serving: ServingNow, _token: Machine, number: _Number) -> BulletinOut:
    """One bulletin, everything that it says included."""
    found = _found(serving, number)
    return BulletinOut(**_head(found), checkpoint=found.checkpoint, body=found.text)


@router.get("/bulletins/{a}/difference/{b}")
def between(
    serving: ServingNow,
    _token: Machine,
    a: _Number,
    b: _Number,
    start: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> DifferenceOut:
    """The protocols that lie between two bulletins, with the figures before and after."""
    _found(serving, a), _found(serving, b)
    found = difference(serving.ledger, a, b).protocols
    page = found.slice(start, limit).to_dicts()
    return DifferenceOut(
        a=a, b=b, of=found.height, protocols=page, next=start + limit if start + limit < found.height else None
    )


def _head(found: Bulletin) -> dict[str, Any]:
    names = ("number", "published_at", "published_by", "size", "root", "processed", "of")
    return {name: getattr(found, name) for name in names}


def _found(serving: Serving, number: int) -> Bulletin:
    try:
        return bulletin(serving.ledger, number)
    except Refused as error:
        raise HTTPException(404, "There is no such bulletin.") from error
