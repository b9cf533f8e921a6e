"""The page: one file, nothing from a network, every name harmless, everything said that has to be said."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from made_examination import examination_of
from made_returns import made_returns as make
from tallyscope.charts.export import Drawing
from tallyscope.charts.picture import Picture
from tallyscope.report.html import card, page

_VOID = {"meta", "br", "link", "img", "input", "hr"}


class _Outline(HTMLParser):
    """Tags with their attributes, ids, and whether every tag is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def text(saved) -> str:
    return (saved / "report.html").read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_its_ids_are_unique(text):
    outline = _Outline(text)
    assert outline.open == []
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = [attrs["href"] for attrs in outline.named("a")]
    assert all(t is not None and t.startswith("#") and t[1:] in ids for t in targets)


def test_the_page_loads_nothing(text):
    outline = _Outline(text)
    loading = ("src", "srcset", "href", "xlink:href", "data", "action", "poster")
    for tag, attrs in outline.tags:
        for name in loading:
            assert re.match(r"(#|$)", attrs.get(name) or ""), (tag, attrs)
    assert not re.search(r"@import|url\((?!#)", text)
    assert set(re.findall(r"https?://[^\s\"'<)]*", text)) <= {"http://www.w3.org/2000/svg"}
    assert not {"link", "iframe", "object", "embed"} & {tag for tag, _ in outline.tags}


def test_the_page_forbids_every_script_but_its_own(text):
    (policy,) = [m["content"] for m in _Outline(text).named("meta") if m.get("http-equiv")]
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 1
    digest = b64encode(sha256(scripts[0].encode()).digest()).decode()
    assert policy is not None
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_the_page_says_what_was_counted_and_of_what(text):
    plain = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))
    assert "Made country, president, 1 March 2020" in plain
    assert "made.csv" in plain
    assert "0" * 64 in plain
    assert "298 of 299 polling stations" in plain
    assert "of registered voters" in plain
    assert "Shares are of ballots cast" in plain
    assert "Declared: the made commission" in plain
    assert "W1" in plain
    assert "p = 3.4 × 10 −23" in plain
    assert "−3.5 to 27.5 stations" in plain
    assert "✗ Not met" in plain
    assert "? Not known" in plain
    assert "What else could explain it" in plain


def test_the_page_accuses_nobody(text):
    words = re.sub(r"<style>.*?</style>|<script>.*?</script>", "", text, flags=re.DOTALL).lower()
    assert not re.search(r"\b(fraud|fraudulent|falsif\w*|stolen|proved|guilty)\b", words)


def test_tables_have_captions_and_scopes_and_scroll_in_their_own_box(text):
    outline = _Outline(text)
    assert text.count("<table") == text.count("<caption>")
    assert all(attrs.get("scope") in ("col", "row") for attrs in outline.named("th"))
    for attrs in outline.named("div"):
        if "scroll" in (attrs.get("class") or "") and "tabindex" in attrs:
            assert attrs.get("aria-label")
    assert outline.named("html")[0]["lang"] == "en"
    assert {"main", "nav", "header", "footer", "h1"} <= {tag for tag, _ in outline.tags}


def test_headings_do_not_skip_a_level(text):
    levels = [int(tag[1]) for tag, _ in _Outline(text).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_figure_is_an_image_with_words(text):
    for attrs in _Outline(text).named("svg"):
        assert attrs["role"] == "img"
        assert attrs["aria-labelledby"]
    assert text.count("<figure") == 4  # the curves belong to a method that was not run


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "&amp;"]
)
def test_html_in_names_is_harmless(name):
    made = examination_of(make(names=(name, "B"), region=name))
    drawing = Drawing('<svg width="1" height="1"></svg>', name, name, name)
    for text in (page(made, [Picture("comet", drawing, None)]), card(made)):
        outline = _Outline(text)
        assert not [a for tag, a in outline.tags if tag == "img" or "onerror" in a]
        assert len(outline.named("script")) <= 1
        assert "<script>alert" not in text
        assert "49" not in re.findall(r"<h1>(.*?)</h1>", text)


def test_a_page_can_be_made_of_returns_that_lack_almost_everything():
    bare = make()
    bare = bare.filter(bare.table["kind"].is_in(["pseudo"]))
    text = page(examination_of(bare), [])
    assert "0 of 0 polling stations" in text


def test_a_notebook_shows_a_card(examination):
    text = examination._repr_html_()
    assert "Made country" in text
    assert "integer-percentages" in text
    assert _Outline(text).open == []
