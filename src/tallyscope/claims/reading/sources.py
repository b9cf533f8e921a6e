"""Opening what is to be read: a text, a file of plain text, HTML or PDF; bounded in size."""

from __future__ import annotations

from pathlib import Path

from tallyscope.claims.reading.html import looks_like_html, page_of_html
from tallyscope.claims.reading.page import Page
from tallyscope.returns.problems import Problem, ReadError
from tallyscope.returns.reading.guard import damaged

__all__ = ["LARGEST_FILE", "LARGEST_TEXT", "page_of"]

#: Bytes of a file, characters of a text: a book of 500 pages has a million. More is no article.
LARGEST_FILE = 32 << 20
LARGEST_TEXT = 1_000_000


def page_of(text_or_path: str | Path, name: str | None = None) -> Page:
    """The page of a text or of a file (a Path). Raises ReadError for what is too large, damaged or no text."""
    if isinstance(text_or_path, Path):
        return _of_file(text_or_path, name or text_or_path.name)
    return _of_text(text_or_path, name or "text")


def _of_text(text: str, name: str) -> Page:
    _bounded(len(text), LARGEST_TEXT * (4 if looks_like_html(text) else 1), "characters", name)
    if looks_like_html(text):
        with damaged(name, "cannot be read as HTML", "Save the page again, or its text."):
            page = page_of_html(text, name)
        _bounded(len(page.text), LARGEST_TEXT, "characters", name)
        return page
    return Page.of(name, text)


def _bounded(size: int, largest: int, unit: str, name: str) -> None:
    if size > largest:
        told = f"has {size:,} {unit}: more than {largest:,} are no article."
        raise ReadError([Problem(name, told, "Cut it into the articles that it is made of.")])


def _of_file(path: Path, name: str) -> Page:
    try:
        _bounded(path.stat().st_size, LARGEST_FILE, "bytes", name)
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(
            [Problem(name, f"cannot be opened ({error.strerror or error}).", "Is it the right path?")]
        ) from None
    if data[:5] == b"%PDF-":
        return _of_pdf(path, name)
    return _of_text(_decoded(data, name), name)


def _decoded(data: bytes, name: str) -> str:
    """UTF-8 (with or without its mark), UTF-16 with its mark, else Windows-1251, as old Russian pages are."""
    if b"\0" in data[:4096] and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise ReadError([Problem(name, "is no text, HTML or PDF.", "Save the article as text.")])
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig") if data[:3] == b"\xef\xbb\xbf" else data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1251", errors="replace")


def _of_pdf(path: Path, name: str) -> Page:
    """The text that pypdf finds; lines of a paragraph are joined. Offsets point into that text."""
    with damaged(name, "cannot be read as PDF", "Is it complete, and without a password?"):
        from pypdf import PdfReader

        text, size = [], 0
        for page in PdfReader(path).pages:
            text.append(page.extract_text() or "")
            size += len(text[-1])
            if size > LARGEST_TEXT:
                break
    whole = _paragraphs("\n\n".join(text))
    _bounded(len(whole), LARGEST_TEXT, "characters", name)
    if not whole.strip():
        raise ReadError([Problem(name, "has no text: its pages are pictures.", "Recognise the text first.")])
    return Page.of(name, whole)


def _paragraphs(text: str) -> str:
    """Lines that a page's width has cut are joined: a line that ends no sentence goes on in the next."""
    lines = [line.strip() for line in text.split("\n")]
    widest = max((len(line) for line in lines), default=0)
    found: list[str] = []
    runs_on = False
    for line in lines:
        if runs_on and line and found:
            found[-1] = (
                found[-1][:-1] + line if found[-1].endswith("-") and line[:1].islower() else f"{found[-1]} {line}"
            )
        else:
            found.append(line)
        runs_on = bool(line) and len(line) > 0.6 * widest and line[-1] not in '.!?…:;"”»'
    return "\n".join(found)
