"""Pages that say what went wrong and what to do; never what the program looked like inside."""

from __future__ import annotations

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from tallyscope.ledger.errors import Unavailable
from tallyscope.web.current import NotSignedIn
from tallyscope.web.headers import HEADERS
from tallyscope.web.language import marked
from tallyscope.web.pages import go, page

__all__ = ["install"]

_LOG = logging.getLogger(__name__)
#: Status -> what happened, what to do.
_TEXTS: dict[int, tuple[str, str]] = {
    400: (marked("This request cannot be read"), marked("Go back, load the page again and repeat what you did.")),
    403: (
        marked("This is not for your role"),
        marked("If you should be able to do this here, ask an administrator of your commission."),
    ),
    404: (marked("There is no such page"), marked("Check the address, or start from the first page.")),
    405: (marked("This cannot be done here"), marked("Go back and use the buttons of the page.")),
    413: (marked("This is too large"), marked("Send less at once, or ask an administrator to import it.")),
    422: (
        marked("Something is missing or not as expected"),
        marked("Go back, check every field and send it again."),
    ),
    500: (
        marked("The service has failed"),
        marked("What you sent may not have been taken: look before you repeat it. The log says why."),
    ),
    503: (
        marked("The record cannot be reached"),
        marked(
            "Nothing was written. Wait a moment and repeat what you did; tell the administrator if it stays so."
        ),
    ),
}
_FORM = (
    marked("This form is out of date"),
    marked("You were signed in or out since it was opened, or it came from another site. Load the page again."),
)


def install(app: FastAPI) -> None:
    """Adds the handlers of a service's pages."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(Exception, _failed)


def error_page(request: Request, status: int, texts: tuple[str, str] | None = None) -> HTMLResponse:
    """The page of a status."""
    what, do = texts or _TEXTS.get(status, _TEXTS[500] if status >= 500 else _TEXTS[400])
    return page(request, "error.html.j2", status, what=what, do=do)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = error_page(request, error.status_code, _FORM if error.detail == "form" else None)
    answer.headers.update(error.headers or {})
    return answer


def _invalid(request: Request, _error: Exception) -> Response:
    return error_page(request, 422)


def _not_signed_in(request: Request, _error: Exception) -> Response:
    """To the login and back; a form that was sent is not repeated, so from there to the first page."""
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    login = "/login" + (f"?next={quote(back)}" if request.method == "GET" else "")
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": login})
    return go(login)


def _unavailable(request: Request, error: Exception) -> Response:
    """Without the database nobody is known, so the page is for nobody."""
    _LOG.error("%s", error)
    request.state.session = None
    answer = error_page(request, 503)
    answer.headers["Retry-After"] = "10"
    return answer


def _failed(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    answer = error_page(request, 500)
    # This answer is given outside of the middleware that adds them.
    answer.headers.update(HEADERS)
    return answer
