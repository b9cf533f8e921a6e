"""The public pages of a bulletin: one code path for the service and for its static copy.

Every page is made from `Published` alone, links relatively, runs no script and loads nothing but the style sheet
beside it. Paths, each below a language:

    index.html, screen.html                       the first page, the large screen
    u/<unit>.html                                 a commission; a lowest one has its stations' protocols
    missing.html, missing/<unit>.html             what is still missing, and where
    bulletins.html, bulletins/<number>.html       the bulletins, and what each added to the one before
    corrections.html, copies.html, data.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tallyscope.web.language import LANGUAGES, Language, language
from tallyscope.web.public.published import Published, Unit
from tallyscope.web.public.view import Page, title_of
from tallyscope.web.public.view_copies import copies_page
from tallyscope.web.public.view_lists import (
    bulletin_page,
    bulletins_page,
    corrections_page,
    data_page,
    missing_page,
)
from tallyscope.web.public.view_unit import nation_page, screen_page, unit_page
from tallyscope.web.rendering import render

__all__ = ["NoPage", "page", "page_paths", "since"]

#: Seconds after which the large screen asks for itself again.
_REFRESH = 30


class NoPage(LookupError):
    """There is nothing under this path."""


def page_paths(published: Published) -> Iterator[str]:
    """The paths of all pages, the ones most asked for first."""
    top = [published.units[i] for i in published.units[0].children]
    for code in LANGUAGES:
        yield from (f"{code}/{name}" for name in _FIXED if name != "copies.html" or published.copies)
        yield from (f"{code}/bulletins/{head.number}.html" for head in published.bulletins)
        yield from (f"{code}/missing/{unit.number}.html" for unit in top)
        yield from (f"{code}/u/{unit.number}.html" for unit in published.units[1:])


def since(published: Published, path: str) -> int:
    """The number of the bulletin that last changed the page under a path. Raises NoPage."""
    _code, _, name = path.partition("/")
    folder, _, _rest = name.rpartition("/")
    if folder in ("u", "missing"):
        return _numbered(published, path).since
    if folder == "bulletins":
        number = _number(path)
        later = [head.number for head in published.bulletins if head.number > number]
        return min(later, default=number)
    return published.latest.number


def page(published: Published, path: str) -> str:
    """The page under a path, as HTML text. Raises NoPage."""
    code, _, name = path.partition("/")
    if code not in LANGUAGES:
        raise NoPage(path)
    lang = language(code)
    made = _made(published, lang, path, name)
    common = {
        "root": "../" * path.count("/"),
        "here": name,
        "election_title": title_of(published, lang),
        "latest": published.latest,
        "refresh": _REFRESH if made.template == "screen" else None,
        "page_of": _page_of,
    }
    return render(code, f"public/{made.template}.html.j2", **common, **made.values)


def _made(published: Published, lang: Language, path: str, name: str) -> Page:
    if name in _FIXED:
        return _FIXED[name](published, lang)
    folder, _, _rest = name.rpartition("/")
    if folder == "u":
        return unit_page(published, lang, _numbered(published, path))
    if folder == "missing":
        unit = _numbered(published, path)
        if unit.parent == 0:
            return missing_page(published, lang, unit)
    if folder == "bulletins":
        try:
            return bulletin_page(published, lang, published.head(_number(path)))
        except KeyError:
            raise NoPage(path) from None
    raise NoPage(path)


def _number(path: str) -> int:
    """The number that a page is named by, written in one way only: no signs, no zeros before it."""
    digits = path.rpartition("/")[2].removesuffix(".html")
    if (
        not (digits.isascii() and digits.isdigit() and len(digits) < 9)
        or path.rpartition("/")[2] != f"{int(digits)}.html"
    ):
        raise NoPage(path)
    return int(digits)


def _numbered(published: Published, path: str) -> Unit:
    number = _number(path)
    if not 0 < number < len(published.units):
        raise NoPage(path)
    return published.units[number]


def _page_of(unit: Unit) -> str:
    return f"u/{unit.number}.html" if unit.number else "index.html"


def _copies(published: Published, lang: Language) -> Page:
    if not published.copies:
        raise NoPage("copies.html")
    return copies_page(published, lang)


def _missing(published: Published, lang: Language) -> Page:
    return missing_page(published, lang, published.units[0])


_FIXED: Mapping[str, Callable[[Published, Language], Page]] = {
    "index.html": nation_page,
    "bulletins.html": bulletins_page,
    "missing.html": _missing,
    "corrections.html": corrections_page,
    "copies.html": _copies,
    "data.html": data_page,
    "screen.html": screen_page,
}
