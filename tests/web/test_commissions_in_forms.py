"""Choosing one of thousands of commissions: the page stays small, and a name is found as it is typed or whole."""

from __future__ import annotations

import lxml.html
import pytest

from made_service import NORTH, SOUTH, Made
from tallyscope.web.administration.commissions import NOWHERE, SHOWN, commission_named
from tallyscope.web.rendering import environment


def form(names: dict[int, str]) -> str:
    """The field of a form that offers these."""
    source = '{% from "forms.html.j2" import commission with context %}{{ commission(names, "") }}'
    return environment("en").from_string(source).render(names=names)


def options(text: str) -> list[str]:
    return [o.get("value") for o in lxml.html.fragment_fromstring(text, "div").iter("option")]


def test_a_form_offers_a_few_commissions_at_once_and_of_many_none() -> None:
    few = {i: f"Region <{i}>" for i in range(SHOWN)}
    assert options(form(few)) == list(few.values())
    assert "data-find" not in form(few)
    many = {i: f"Region {i // 40} / Territory {i}" for i in range(2_832)}
    assert options(form(many)) == []
    assert 'data-find="/admin/commissions"' in form(many)
    assert len(form(many)) < 400


def test_what_is_typed_is_looked_for_among_the_commissions_below(made: Made) -> None:
    found = options(made.as_("admin").open("/admin/commissions", params={"q": SOUTH[:5].upper()}).text)
    assert SOUTH in found
    assert all(SOUTH[:5].casefold() in name.casefold() for name in found)
    north = options(made.as_("admin-north").open("/admin/commissions", params={"q": ""}).text)
    assert north
    assert all(name.startswith(NORTH) for name in north)
    assert options(made.as_("admin-north").open("/admin/commissions", params={"q": SOUTH}).text) == []


def test_the_list_is_never_longer_than_what_is_shown(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    from tallyscope.web.administration import commissions

    monkeypatch.setattr(commissions, "SHOWN", 2)
    assert len(options(made.as_("admin").open("/admin/commissions").text)) == 2


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("A / One", 2),
        (" A / One ", 2),
        ("One", 2),
        ("Two", NOWHERE),  # of two regions
        ("A", 1),
        ("On", NOWHERE),
        ("", NOWHERE),
        ("A / One / ", NOWHERE),
    ],
)
def test_a_commission_is_named_in_full_or_by_a_name_that_no_other_has(typed: str, found: int) -> None:
    names = {1: "A", 2: "A / One", 3: "A / Two", 4: "B", 5: "B / Two"}
    assert commission_named(names, typed) == found
