"""Which machine is asking: a token in `Authorization: Bearer`, looked at before a byte of the body is read."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPBearer
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tallyscope.ledger.accounts.roles import Action, Place
from tallyscope.ledger.accounts.tokens import PREFIX, Token, find_token
from tallyscope.ledger.errors import Unavailable
from tallyscope.web.api.problems import problem, unavailable
from tallyscope.web.serving import Serving

__all__ = ["Machine", "TokenGate", "require"]

#: What is told to everybody.
_OPEN = ("/openapi.json",)


class TokenGate:
    """ASGI middleware: no token, no answer; so nobody without one makes the service read an upload."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self.app, self.serving = app, serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].removeprefix(scope.get("root_path", "")) in _OPEN:
            await self.app(scope, receive, send)
            return
        scheme, _, secret = Headers(scope=scope).get("authorization", "").partition(" ")
        known = scheme.lower() == "bearer" and secret.startswith(PREFIX) and len(secret) < 200
        try:
            token = await run_in_threadpool(find_token, self.serving.office, secret) if known else None
        except Unavailable as error:
            await unavailable(error)(scope, receive, send)
            return
        if token is None:
            detail = "Send a token that is neither expired nor revoked; an administrator makes them."
            await problem(401, detail, headers={"WWW-Authenticate": "Bearer"})(scope, receive, send)
            return
        scope.setdefault("state", {})["token"] = token
        await self.app(scope, receive, send)


def _machine(request: Request, _bearer: Annotated[object, Depends(HTTPBearer(auto_error=False))]) -> Token:
    return cast(Token, request.state.token)


#: The token of a request.
Machine = Annotated[Token, Depends(_machine)]


def require(token: Token, action: Action, place: Place) -> None:
    """Raises 403 unless the token is for this, there."""
    if not token.may(action, place):
        raise HTTPException(403, f"This token is not for {action!r} at this commission.")
