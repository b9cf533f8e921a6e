"""The service, put together: pages of the workplace, the public pages, the API, what all of them are guarded by."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from tallyscope.ledger.accounts.office import Office, open_office
from tallyscope.ledger.store import Ledger
from tallyscope.version import __version__
from tallyscope.web import errors
from tallyscope.web.api.app import create_api
from tallyscope.web.csrf import protect
from tallyscope.web.headers import SafeHeaders
from tallyscope.web.routers import public_routers, working_routers
from tallyscope.web.serving import Serving
from tallyscope.web.settings import Settings

__all__ = ["create_app"]


def create_app(settings: Settings, ledger: Ledger, office: Office | None = None) -> FastAPI:
    """The service of one count. `ledger` stays the caller's to close; `office`: its accounts."""
    app = FastAPI(
        title="Tallyscope",
        version=__version__,
        # The pages are not an API; /api/v1 has its own description.
        openapi_url=None,
        max_body_size=settings.largest_form,
    )
    accounts = office or open_office(ledger.engine, settings.secret)
    # What an unknown login is checked against is made now, not while the first one waits: that would show.
    accounts.passwords.fits(None, "")
    app.state.serving = Serving(settings, ledger, accounts)
    for router in working_routers():
        app.include_router(router, dependencies=[Depends(protect)])
    for router in public_routers():
        app.include_router(router)
    app.mount("/api/v1", create_api(app.state.serving), name="api")
    app.mount("/static", StaticFiles(packages=[("tallyscope.web", "static")]), name="static")
    errors.install(app)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.hosts), www_redirect=False)
    app.add_middleware(SafeHeaders)
    return app
