"""The public site for the service's app: no login, no cookie, nothing but reading, and reading from memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from tallyscope.web.language import LANGUAGES
from tallyscope.web.pages import language_of
from tallyscope.web.public.live import Answer, LiveSite
from tallyscope.web.public.pages import NoPage
from tallyscope.web.public.source import LedgerBulletins
from tallyscope.web.rendering import render
from tallyscope.web.serving import serving

__all__ = ["public_router", "site_of"]

#: Seconds that a browser or a cache between may keep a page.
_KEEP = 15
_OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def site_of(request: Request) -> LiveSite:
    """The site of the count that the service keeps, made when it is first asked for."""
    state = request.app.state
    if getattr(state, "public_site", None) is None:
        state.public_site = LiveSite(LedgerBulletins(serving(request).ledger))
    return cast(LiveSite, state.public_site)


def public_router(of: Callable[[Request], LiveSite] = site_of) -> APIRouter:
    """Routes of a site: `/`, `/<language>/...`, `/data/...`, `/record/...`. `of`: which site a request is for."""
    router = APIRouter(include_in_schema=False)

    async def first(request: Request) -> Response:
        return RedirectResponse(
            f"/{language_of(request).code}/index.html", 307, headers={"Vary": "Accept-Language, Cookie"}
        )

    async def file(request: Request) -> Response:
        path, site = request.url.path.removeprefix("/"), of(request)
        if site.shown is None:
            await run_in_threadpool(site.look)
        if site.shown is None:
            return _nothing(path)
        try:
            kept = site.kept(path)
            answer = kept if kept is not None else await run_in_threadpool(site.answer, path)
        except NoPage:
            raise HTTPException(404) from None
        response = _response(request, path, answer)
        if site.due():
            response.background = BackgroundTask(site.look)
        return response

    for path in ("/", *(f"/{code}" for code in LANGUAGES)):
        router.add_api_route(path, first, methods=["GET", "HEAD"])
    for folder in (*LANGUAGES, "data", "record"):
        router.add_api_route(f"/{folder}/{{path:path}}", file, methods=["GET", "HEAD"])
    return router


def _response(request: Request, path: str, answer: Answer) -> Response:
    zipped = bool(answer.zipped) and _takes_gzip(request.headers.get("accept-encoding", ""))
    etag = f'"{answer.etag}{"-gz" if zipped else ""}"'
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={_KEEP}", "Vary": "Accept-Encoding"}
    if path.startswith(("data/", "record/")):
        headers |= _OPEN
    if etag in {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    body = answer.zipped if zipped else answer.body
    if request.method == "HEAD":
        headers["Content-Length"] = str(len(body))
        return Response(headers=headers, media_type=answer.media_type)
    return Response(body, headers=headers, media_type=answer.media_type)


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, quality = part.strip().partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _nothing(path: str) -> Response:
    """Before the first bulletin there is nothing to show, and the page says so and asks again."""
    code = path.partition("/")[0]
    if code not in LANGUAGES:
        raise HTTPException(404)
    text = render(code, "public/nothing.html.j2")
    return Response(text, headers={"Cache-Control": "no-store"}, media_type="text/html")
