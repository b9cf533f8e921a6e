"""The translators' catalogues: every `.po` of a language's folder, merged, compiled when first asked for.

Each part of the service keeps its own (`public.po`, `entry.po`, `service.po`): a text lives beside the pages
that say it. A text that two of them translate must read the same in both.
"""

from __future__ import annotations

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

__all__ = ["ContradictoryCatalogues", "catalogues", "merged", "translations"]


class ContradictoryCatalogues(ValueError):
    """Two catalogues of a language translate one text differently."""


def catalogues(code: str) -> dict[str, Catalog]:
    """File name -> catalogue, of every `.po` that a language has, in the order of their names."""
    from babel.messages.pofile import read_po

    folder = files("tallyscope.web").joinpath("locales", code, "LC_MESSAGES")
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".po"):
            with entry.open("rb") as po:
                found[entry.name] = read_po(po, locale=code)
    return found


def merged(code: str, parts: dict[str, Catalog]) -> Catalog:
    """One catalogue of all. Raises ContradictoryCatalogues, naming every text and where its translations are."""
    from babel.messages.catalog import Catalog

    whole, said, wrong = Catalog(locale=code), dict[object, tuple[str, object]](), list[str]()
    for name, part in parts.items():
        for message in part:
            if not message.id:
                continue
            key = (message.context, message.id)
            before = said.setdefault(key, (name, message.string))
            if before[1] != message.string:
                wrong.append(f"{message.id!r} reads {before[1]!r} in {before[0]} and {message.string!r} in {name}")
            whole[message.id] = message
    if wrong:
        raise ContradictoryCatalogues("\n".join(wrong))
    return whole


@cache
def translations(code: str) -> gettext.GNUTranslations:
    """The translations of a language, ready for use. Raises FileNotFoundError for one without a folder."""
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, merged(code, catalogues(code)))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
