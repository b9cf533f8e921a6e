"""What is wrong with a request, all of it at once, as RFC 9457 problem details."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from tallyscope.ledger.errors import Refused, Unavailable
from tallyscope.returns.problems import Problem, ReadError

__all__ = ["RESPONSES", "Details", "install", "problem", "unavailable"]

_LOG = logging.getLogger(__name__)
_TYPE = "application/problem+json"


class Fault(BaseModel):
    """One thing that is wrong: of a file, with its row and column; of a request, with the path of the field."""

    text: str
    hint: str = ""
    file: str | None = None
    row: int | None = None
    column: str | None = None


class Details(BaseModel):
    """A problem (RFC 9457); `problems` has everything that is wrong, in the order in which it was found."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    problems: list[Fault] = Field(default_factory=list)


#: What any operation may answer besides its own; for the description.
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "content": {_TYPE: {"schema": Details.model_json_schema()}}}
    for status in (400, 401, 403, 404, 413, 422, 503)
}


def problem(
    status: int, detail: str = "", faults: Iterable[Fault] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """An answer that says what is wrong."""
    said = Details(title=HTTPStatus(status).phrase, status=status, detail=detail, problems=list(faults))
    content = said.model_dump(exclude_none=True)
    return JSONResponse(content, status, headers=dict(headers or {}), media_type=_TYPE)


def install(app: FastAPI) -> None:
    """Adds the handlers of the API's errors."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(ReadError, _refused)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(Exception, _failed)


def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = error.detail if error.detail != HTTPStatus(error.status_code).phrase else ""
    return problem(error.status_code, detail, headers=error.headers)


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [Fault(text=e["msg"], column=".".join(str(part) for part in e["loc"])) for e in error.errors()]
    return problem(422, "The request is not as the description of this API has it.", faults)


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused | ReadError)
    return problem(422, "Nothing was written.", [_fault(p) for p in error.problems])


def _fault(problem: Problem | str) -> Fault:
    if isinstance(problem, str):
        return Fault(text=problem)
    return Fault(text=problem.text, hint=problem.hint, file=problem.file, row=problem.row, column=problem.column)


def _unavailable(_request: Request, error: Exception) -> Response:
    return unavailable(error)


def unavailable(error: Exception) -> Response:
    """The answer when the database cannot be reached; why, only the log says."""
    _LOG.error("%s", error)
    detail = "The record cannot be reached; what was not answered may be sent again."
    return problem(503, detail, headers={"Retry-After": "10"})


def _failed(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    return problem(500, "The service has failed; the log says why.")
