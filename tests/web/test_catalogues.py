"""Every text that a page can say is translated, once, and no catalogue keeps what no page says."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

from tallyscope.web.catalogues import ContradictoryCatalogues, catalogues, merged
from tallyscope.web.language import LANGUAGES, SOURCE, language, vocabulary

WEB = Path(str(files("tallyscope.web")))
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None}
_METHODS = [("**.py", "python"), ("templates/**.j2", "jinja2.ext:babel_extract")]
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def said() -> dict[str, tuple[str, ...]]:
    """Text -> its forms (one, or singular and plural): of every template, gettext call, and the vocabulary."""
    options = {"templates/**.j2": {"trimmed": "true", "silent": "false"}}
    found = extract_from_dir(WEB, method_map=_METHODS, options_map=options, keywords=_KEYWORDS)
    forms = [m if isinstance(m, tuple) else (m,) for _file, _line, m, _comments, _context in found]
    return {form[0]: form for form in [*forms, *((text,) for text in vocabulary())]}


def translated(code: str) -> dict[str, tuple[str, ...]]:
    """Text -> its translations, of all the catalogues of a language; empty ones are not there."""
    whole = merged(code, catalogues(code))
    as_tuple = {
        (m.id if isinstance(m.id, str) else m.id[0]): (m.string if isinstance(m.string, tuple) else (m.string,))
        for m in whole
        if m.id and not m.fuzzy
    }
    return {text: strings for text, strings in as_tuple.items() if all(strings)}


OTHERS = [code for code in LANGUAGES if code != SOURCE]


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_of_every_page_has_a_translation(code: str) -> None:
    assert sorted(said().keys() - translated(code).keys()) == []


@pytest.mark.parametrize("code", OTHERS)
def test_no_catalogue_keeps_a_text_that_no_page_says(code: str) -> None:
    assert sorted(translated(code).keys() - said().keys()) == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_same_places_for_values(code: str) -> None:
    wrong, strings_of = {}, translated(code)
    for text, forms in said().items():
        wanted = {frozenset(_PLACEHOLDER.findall(form)) for form in forms}
        have = {frozenset(_PLACEHOLDER.findall(string)) for string in strings_of.get(text, ())}
        if not have <= wanted:
            wrong[text] = have
    assert wrong == {}


def test_the_extraction_sees_templates_and_code() -> None:
    assert {"ballots cast", "voters on the list", "Region"} <= said().keys()


def test_catalogues_that_contradict_one_another_are_refused() -> None:
    one, other = Catalog(locale="ru"), Catalog(locale="ru")
    one.add("Station", "Участок")
    other.add("Station", "Станция")
    with pytest.raises(ContradictoryCatalogues, match=r"Участок.*one\.po.*Станция.*other\.po"):
        merged("ru", {"one.po": one, "other.po": other})


def test_a_text_may_stand_in_two_catalogues_if_it_reads_the_same() -> None:
    one, other = Catalog(locale="ru"), Catalog(locale="ru")
    one.add("Station", "Участок")
    other.add("Station", "Участок")
    assert [m.string for m in merged("ru", {"one.po": one, "other.po": other}) if m.id] == ["Участок"]


def test_what_is_not_known_is_a_dash_and_never_zero() -> None:
    for code in LANGUAGES:
        assert language(code).number(None) == "–"
        assert language(code).percent(None) == "–"
        assert language(code).number(0) == "0"


def test_numbers_are_written_as_each_language_writes_them() -> None:
    assert language("en").number(109_860_331) == "109,860,331"
    assert language("ru").number(109_860_331) == "109\u202f860\u202f331"
    assert language("en").percent(63.603) == "63.60\u202f%"
    assert language("ru").percent(63.603) == "63,60\u202f%"


def test_a_language_that_there_is_none_of_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        language("../en")
