"""The article of an HTML page: its body as trafilatura finds it, with the place of every character in the source.

trafilatura tells what of a page is the article; its words are then found again in the source, block by block, so
that a claim can be marked there. Dates in the head are handed on as stamps: they are weighed, not believed.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from tallyscope.claims.reading.page import Page

__all__ = ["looks_like_html", "page_of_html"]

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "ul",
        "ol",
        "table",
        "tr",
        "td",
        "th",
        "blockquote",
        "section",
        "article",
        "header",
        "footer",
        "nav",
        "aside",
        "main",
        "br",
        "hr",
        "figcaption",
        "figure",
        "dd",
        "dt",
        "dl",
        "title",
        "body",
        "form",
        "pre",
    ]
)
_SILENT = frozenset(
    ["script", "style", "noscript", "template", "svg", "head", "iframe", "object", "select", "textarea"]
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_DATES = re.compile(r"published|modified|date|pubdate|updated", re.I)
_SPACE = re.compile(r"\s+")


def looks_like_html(text: str) -> bool:
    """True where a page begins with markup."""
    start = text[:2000].lstrip("\ufeff \t\r\n").lower()
    return start.startswith(
        ("<!doctype html", "<html", "<head", "<body", "<article", "<div", "<p>", "<?xml", "<!--")
    )


@dataclass
class _Line:
    text: list[str] = field(default_factory=list)
    origin: array[int] = field(default_factory=lambda: array("l"))
    tag: str = ""


class _Lines(HTMLParser):
    """Visible text by blocks, each character with its offset in the source."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.lines: list[_Line] = [_Line()]
        self.stamps: list[str] = []
        self._silent: list[str] = []
        self._starts = [0]
        for match in re.finditer("\n", source):
            self._starts.append(match.end())
        self.feed(source)
        self.close()

    def _at(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "meta" and _DATES.search(
            told.get("property", "") + told.get("name", "") + told.get("itemprop", "")
        ):
            self.stamps.append(told.get("content", "")[:40])
        if tag == "time" and told.get("datetime"):
            self.stamps.append(told["datetime"][:40])
        if tag in _SILENT and tag not in _VOID:
            self._silent.append(tag)
        if tag in _BLOCKS:
            self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent and self._silent.pop() != tag:
                pass
        if tag in _BLOCKS:
            self._break("")

    def _break(self, tag: str) -> None:
        if self.lines[-1].text:
            self.lines.append(_Line(tag=tag))
        else:
            self.lines[-1].tag = tag or self.lines[-1].tag

    def _add(self, char: str, at: int) -> None:
        line = self.lines[-1]
        if char.isspace():
            if not line.text or line.text[-1] == " ":
                return
            char = " "
        line.text.append(char)
        line.origin.append(at)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            at = self._at()
            for n, char in enumerate(data):
                self._add(char, at + n)

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name};")

    def _reference(self, written: str) -> None:
        if not self._silent:
            at = self._at()
            for char in unescape(written):
                self._add(char, at)


def page_of_html(source: str, name: str) -> Page:
    """The lines of the article. Where trafilatura finds none, all visible lines."""
    read = _Lines(source)
    lines = [line for line in read.lines if "".join(line.text).strip()]
    body = _body(source)
    kept = [line for line in lines if line.tag == "h1" or _within("".join(line.text), body)] if body else lines
    text: list[str] = []
    origin = array("l")
    for line in kept:
        text += [*line.text, "\n"]
        origin.extend(line.origin)
        origin.append(line.origin[-1] + 1 if line.origin else 0)
    return Page(name, source, "".join(text), origin, tuple(read.stamps))


def _body(source: str) -> str:
    """The words of the article, without blanks; "" where there is none."""
    import logging

    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = trafilatura.extract(source, include_comments=False, include_tables=True, favor_recall=True)
    return _bare(found or "")


def _bare(text: str) -> str:
    return _SPACE.sub("", text.replace("\u00a0", " ")).lower()


def _within(line: str, body: str) -> bool:
    bare = _bare(line)
    return len(bare) > 1 and bare in body
