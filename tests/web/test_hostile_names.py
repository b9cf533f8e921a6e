"""Names that are HTML, formulas, very long or written from right to left do nothing but stand there."""

from __future__ import annotations

import csv
import io

import pytest

from tallyscope.web.public.downloads import download
from tallyscope.web.public.pages import page, page_paths
from web.made_public import document, made_night, select

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://example.com","x")'
ARABIC = "محمد \u202eabc"
LONG = "Sankt-Peterburg-" * 40


@pytest.mark.parametrize("code", ["en", "ru"])
def test_html_in_names_stays_text_on_every_page(code: str) -> None:
    night = made_night((SCRIPT, "Boris B"), SCRIPT)
    for path in page_paths(night):
        if path.startswith(f"{code}/"):
            tree = document(night, path)
            assert not select(tree, "script"), path
            assert not select(tree, "img"), path
            assert "<script" not in page(night, path)
    assert SCRIPT in document(night, f"{code}/index.html").text_content()


def test_names_are_isolated_so_that_one_written_from_right_to_left_turns_nothing_else_around() -> None:
    night = made_night((ARABIC, "Boris B"), ARABIC)
    for path in ("en/index.html", "en/u/1.html", "en/missing.html", "ru/index.html"):
        for holder in document(night, path).xpath("//*[contains(text(), 'abc')]"):
            assert holder.tag in ("bdi", "title", "text"), (path, holder.tag)


def test_a_very_long_name_is_whole_and_breaks_no_page() -> None:
    night = made_night((LONG, "Boris B"), LONG)
    assert LONG in page(night, "en/index.html")
    assert LONG in page(night, "ru/u/1.html")


@pytest.mark.parametrize(
    "path", ["data/stations.csv", "data/openelections.csv", "data/missing.csv", "data/versions.csv"]
)
def test_no_cell_of_a_file_is_a_formula(path: str) -> None:
    night = made_night((FORMULA, "@SUM(1)"), FORMULA)
    rows = list(csv.reader(io.StringIO(download(night, path).decode())))
    assert len(rows) > 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r", "\n"))]


@pytest.mark.parametrize("code", ["en", "ru"])
def test_every_page_says_its_language_has_one_heading_of_the_first_rank_and_names_its_columns(code: str) -> None:
    night = made_night()
    for path in page_paths(night):
        if not path.startswith(f"{code}/"):
            continue
        tree = document(night, path)
        assert tree.get("lang") == code
        assert len(select(tree, "h1")) == 1, path
        ranks = [int(node.tag[1]) for node in tree.iter("h1", "h2", "h3")]
        assert ranks == sorted(ranks, key=lambda rank: rank > 1), path
        for table in select(tree, "table"):
            assert all(cell.get("scope") for cell in select(table, "th")), path
        assert not tree.xpath("//*[@style] | //*[starts-with(name(@*), 'on')]"), path
