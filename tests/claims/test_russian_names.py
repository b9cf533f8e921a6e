"""Names of strangers in Russian texts: as they are written without a dictionary, in the nominative with one."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from claims_gold import TEXTS, gold_of
from claims_grading import graded
from tallyscope.claims.export.simple import simple
from tallyscope.claims.reading import read_claims, russian_names
from tallyscope.claims.reading.russian_names import case_before, dictionary, nominative

TEXT = (
    "МОСКВА, 5 марта 2012 года. Выборы президента России прошли в воскресенье.\n\n"
    "По словам наблюдательницы Зои Рябовой, протоколы переписывали."
)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    dictionary.cache_clear()
    nominative.cache_clear()
    yield
    dictionary.cache_clear()
    nominative.cache_clear()


@pytest.fixture
def none_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pymorphy3", "natasha"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture(params=["pymorphy3", "natasha"])
def one_installed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    pytest.importorskip(request.param, reason=f"{request.param} is not installed (the extra `claims`)")
    monkeypatch.setitem(sys.modules, {"pymorphy3": "natasha", "natasha": "pymorphy3"}[request.param], None)
    return str(request.param)


def test_without_a_dictionary_a_stranger_is_called_as_written(none_installed: None) -> None:
    assert dictionary() is None
    assert nominative("Зои Рябовой") is None
    (claim,) = read_claims(TEXT).claims
    assert (claim.speaker.id, claim.speaker.name) == (None, "Zoi Ryabovoy")


def test_with_a_dictionary_a_stranger_is_called_by_name(one_installed: str) -> None:
    (claim,) = read_claims(TEXT).claims
    assert (claim.speaker.id, claim.speaker.name) == (None, "Zoya Ryabova")


@pytest.mark.parametrize(
    ("before", "name", "told"),
    [
        ("Разговор с политологом ", "Львом Самариным", ("Лев Самарин", "m")),
        ("Назовём её ", "Алесей", ("Алеся", "f")),
        ("по словам депутата ", "Зои Рябовой", ("Зоя Рябова", "f")),
        ("по словам профессора ", "Жорди Феррана", ("Жорди Ферран", "m")),
        ("беседа с ", "Анной Корф", ("Анна Корф", "f")),
        ("сказал ", "Вадим Сорокин", ("Вадим Сорокин", "m")),
        ("отметила ", "Инна Салтыкова", ("Инна Салтыкова", "f")),
    ],
)
def test_what_stands_before_a_name_tells_its_case(
    before: str, name: str, told: tuple[str, str], one_installed: str
) -> None:
    assert nominative(name, case_before(before + name, len(before))) == told


@pytest.mark.parametrize("name", ["", "Jordi Ferran", "ЦИК", "Ы", "а" * 500, "Один Два Три Четыре Пять", "№ 5"])
def test_what_is_no_russian_name_stays(name: str, one_installed: str) -> None:
    found = nominative(name)
    assert found is None or found[0].lower() == name.lower()


def test_a_dictionary_resolves_more_speakers_and_loses_none(
    one_installed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = {}
    for with_it in (True, False):
        if not with_it:
            monkeypatch.setattr(russian_names, "dictionary", lambda: None)
            nominative.cache_clear()
        for folder in ("dev", "heldout", "heldout2"):
            gold = gold_of(TEXTS / folder)
            read = simple(read_claims(TEXTS / folder / d["file"]) for d in gold["documents"])
            right[folder, with_it] = graded(gold, read).field("speaker")[0]
    assert right["dev", True] >= right["dev", False]
    assert right["heldout", True] >= right["heldout", False] + 3
    assert right["heldout2", True] >= right["heldout2", False] + 5
