"""A request that is repeated with the same key is done once: the second time its first answer is given again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Header, HTTPException
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tallyscope.ledger.accounts.tables import idempotency
from tallyscope.web.serving import Serving

__all__ = ["Key", "digest_of", "once"]

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=200, description="Any text of your own, new each time."
    ),
]
#: A request that has not ended by then died; doing it again adds nothing twice, because what stands is compared.
_DEAD = timedelta(minutes=10)
_KEPT = timedelta(days=7)


def digest_of(*parts: bytes | str) -> bytes:
    """SHA-256 of a request's parts, so that a key used for another request is found out."""
    whole = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        whole.update(len(raw).to_bytes(8, "big") + raw)
    return whole.digest()


def once(
    serving: Serving, token: int, key: str | None, request: bytes, do: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """What `do` answers, or answered. Raises 409 while the first is being done, 422 for a key of another request.

    What fails is forgotten, so that it may be sent again with the same key.
    """
    if key is None:
        return do()
    said = _taken(serving, token, key, request)
    if said is not None:
        return said
    same = (idempotency.c.token == token) & (idempotency.c.key == key)
    try:
        answer = do()
    except BaseException:
        with serving.office.writing() as connection:
            connection.execute(delete(idempotency).where(same))
        raise
    with serving.office.writing() as connection:
        text = json.dumps(answer, ensure_ascii=False)
        connection.execute(update(idempotency).where(same).values(status=200, answer=text))
    return answer


def _taken(serving: Serving, token: int, key: str, request: bytes) -> dict[str, Any] | None:
    """The answer that was given; None if the key is taken now, by this request."""
    now = serving.office.now()
    same = (idempotency.c.token == token) & (idempotency.c.key == key)
    dead = idempotency.c.status.is_(None) & (idempotency.c.at < now - _DEAD)
    row = {"token": token, "key": key, "request": request, "at": now}
    try:
        with serving.office.writing() as connection:
            connection.execute(delete(idempotency).where((idempotency.c.at < now - _KEPT) | (same & dead)))
            connection.execute(insert(idempotency), [row])
    except IntegrityError:
        with serving.office.reading() as connection:
            found = connection.execute(select(idempotency).where(same)).one_or_none()
        if found is None or (found.status is None and found.request == request):
            raise HTTPException(
                409, "The first request with this key is being done.", {"Retry-After": "5"}
            ) from None
        if found.request != request:
            raise HTTPException(422, "This Idempotency-Key was used for another request.") from None
        answer: dict[str, Any] = json.loads(found.answer)
        return answer
    return None
