"""The API, put together: an application of its own under /api/v1, which knows tokens and no cookies."""

from __future__ import annotations

from fastapi import FastAPI

from tallyscope.version import __version__
from tallyscope.web.api import bulletins, imports, problems, progress, readings, versions
from tallyscope.web.api.machines import TokenGate
from tallyscope.web.serving import Serving

__all__ = ["create_api"]

_ABOUT = """For scanners, imports and programs of a commission. Every request carries a token
(`Authorization: Bearer`) that an administrator made for a person, for some actions, at one commission. Errors are
problem details (RFC 9457) with everything that is wrong. A request with an `Idempotency-Key` is done once, however
often it is sent."""


def create_api(serving: Serving) -> FastAPI:
    """The API of a service."""
    app = FastAPI(
        title="Tallyscope",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        responses=problems.RESPONSES,
        max_body_size=serving.settings.largest_upload,
    )
    app.state.serving = serving
    for part in (progress, versions, readings, imports, bulletins):
        app.include_router(part.router)
    problems.install(app)
    app.add_middleware(TokenGate, serving=serving)
    return app
