"""Templates in a language: everything that is shown is escaped, and a value that is not there is an error."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from tallyscope.web.language import LANGUAGES, language

__all__ = ["environment", "render"]


@cache
def environment(code: str) -> Environment:
    """The templates of the web room in a language, with `l` (the Language) and `languages` known to all of them.

    Raises KeyError for a language that there is none of.
    """
    made = Environment(
        loader=PackageLoader("tallyscope.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    lang = language(code)
    made.install_gettext_callables(lang.gettext, lang.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(l=lang, languages=LANGUAGES)
    return made


def render(code: str, template: str, **values: Any) -> str:
    """A template of `web/templates` in a language, as HTML text."""
    return environment(code).get_template(template).render(**values)
