"""What a request works with: the count, its accounts, the settings; and where the request comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from tallyscope.ledger.accounts.office import Office
from tallyscope.ledger.store import Ledger
from tallyscope.web.settings import Settings

__all__ = ["Serving", "ServingNow", "address_of", "serving"]


@dataclass(frozen=True)
class Serving:
    """One running service: `ledger` is the count, `office` its accounts and audit trail."""

    settings: Settings
    ledger: Ledger
    office: Office


def serving(request: Request) -> Serving:
    """The service that a request came to."""
    return cast(Serving, request.app.state.serving)


#: Parameter of a page that needs the count or the accounts.
ServingNow = Annotated[Serving, Depends(serving)]


def address_of(request: Request) -> str:
    """The address a request comes from; behind a proxy the one that the proxy tells, if it is trusted."""
    return request.client.host[:64] if request.client else ""
