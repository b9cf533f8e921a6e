"""Forms are taken only from pages of this service: a synchroniser token in every form or HTMX request.

Signed in, the token is the session's, kept in the database. Before that, it is an HMAC of a cookie that the page
with the form has set. Besides, a browser that says a request comes from another site is refused.
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from tallyscope.ledger.accounts.sessions import Session
from tallyscope.web.current import CurrentSession
from tallyscope.web.serving import ServingNow

__all__ = ["FIELD", "HEADER", "VISIT", "csrf_token", "new_visit", "protect"]

FIELD, HEADER = "csrf", "X-CSRF-Token"
#: Cookie of a browser that is not signed in.
VISIT = "__Host-visit"
_SAFE = {"GET", "HEAD", "OPTIONS"}


def new_visit() -> str:
    """A value for the cookie of a browser that has none."""
    return secrets.token_urlsafe(32)


def csrf_token(session: Session | None, visit: str | None, secret: bytes) -> str | None:
    """The token that forms carry; None for a browser without any cookie of ours."""
    if session is not None:
        return session.csrf
    if not visit:
        return None
    return hmac.new(secret, b"form before login " + visit.encode(), "sha256").hexdigest()


async def protect(request: Request, session: CurrentSession, serving: ServingNow) -> None:
    """Dependency of every router with forms: refuses (403) what changes something without the right token."""
    if request.method in _SAFE:
        return
    if _foreign(request):
        raise HTTPException(403, "form")
    expected = csrf_token(session, request.cookies.get(VISIT), serving.settings.secret)
    given = request.headers.get(HEADER) or (await request.form()).get(FIELD)
    if expected is None or not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise HTTPException(403, "form")


def _foreign(request: Request) -> bool:
    """Whether the browser says that the request was made by a page of another origin."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")
