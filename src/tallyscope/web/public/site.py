"""Every file of the public site under its path: pages, downloads, the record, the style sheet.

What the service serves and what `count publish` writes are these files, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files

from tallyscope.version import __version__
from tallyscope.web.language import LANGUAGES, SOURCE
from tallyscope.web.public.downloads import data_paths, data_since, download
from tallyscope.web.public.pages import NoPage, page, page_paths, since
from tallyscope.web.public.published import Published
from tallyscope.web.rendering import render

__all__ = ["STYLE", "content", "last_changed", "made_by", "media_type", "paths"]

STYLE = "static/public.css"
_ROOT = "index.html"
_MEDIA = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/jsonl; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "checkpoint": "text/plain; charset=utf-8",
}


def paths(published: Published) -> Iterator[str]:
    """The paths of all files, the pages first."""
    yield from (_ROOT, STYLE)
    yield from page_paths(published)
    yield from data_paths(published)


def content(published: Published, path: str) -> bytes:
    """The file under a path. Raises NoPage."""
    if path == STYLE:
        return files("tallyscope.web").joinpath(STYLE).read_bytes()
    if path == _ROOT:
        return render(SOURCE, "public/languages.html.j2", title=published.returns.election.title).encode()
    if path.partition("/")[0] in LANGUAGES:
        return page(published, path).encode()
    try:
        return download(published, path)
    except (KeyError, IndexError, ValueError):
        raise NoPage(path) from None


def last_changed(published: Published, path: str) -> int | None:
    """The number of the bulletin that last changed a file; None for one that no bulletin changes. Raises NoPage."""
    if path in (STYLE, _ROOT):
        return None
    if path.partition("/")[0] in LANGUAGES:
        return since(published, path)
    try:
        return data_since(published, path)
    except (KeyError, IndexError, ValueError):
        raise NoPage(path) from None


def media_type(path: str) -> str:
    """What a file is, for HTTP."""
    return _MEDIA.get(path.rpartition(".")[2], "application/octet-stream")


def made_by() -> str:
    """What the files are made by, besides the bulletin: another template or translation makes other pages."""
    room = files("tallyscope.web")
    parts = ["language.py", STYLE, *_tree("templates/public"), *_tree("locales"), *_tree("public")]
    digest = sha256(__version__.encode())
    for part in sorted(parts):
        digest.update(part.encode() + b"\0" + room.joinpath(part).read_bytes())
    return digest.hexdigest()


def _tree(folder: str) -> Iterator[str]:
    for entry in files("tallyscope.web").joinpath(folder).iterdir():
        name = f"{folder}/{entry.name}"
        if entry.is_dir():
            yield from (_tree(name) if entry.name != "__pycache__" else ())
        elif entry.name.rpartition(".")[2] in ("py", "j2", "po"):
            yield name
