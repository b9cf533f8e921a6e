"""Where a text quotes: pairs of quotation marks of every style, over several paragraphs, nested or left open.

A pass from left to right with a stack of open marks. A mark that may open or close (") is told by what stands on
either side of it. A quotation that runs on over a paragraph is closed by the next closing mark; if an opening one
comes before that, in the midst of a later paragraph, its own is missing and it ends with its paragraph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Quoted", "quoted_in"]

_MARKS = re.compile(r"[\"«»„“”‘’‹›「」『』〈〉]|''|``|(?<![^\W_])'|'(?![^\W_])")
_PAIRS = {"«": "»", "„": '“”"', "“": '”"', "‘": "’", "‹": "›", "「": "」", "『": "』", "〈": "〉", "``": "''"}
_CLOSERS = frozenset("»“”’›」』〉") | {"''"}
_EITHER = frozenset('"')
#: Quotations longer than this are unbalanced marks.
_LONGEST = 6000


@dataclass(frozen=True)
class Quoted:
    """`start`, `end`: with the marks (those that there are); `inner_start`, `inner_end`: without.

    `depth`: 0 for one that is in no other. `closed`: False where a mark is missing.
    """

    start: int
    end: int
    inner_start: int
    inner_end: int
    depth: int
    closed: bool = True


@dataclass
class _Open:
    mark: str
    start: int
    end: int


def quoted_in(text: str) -> list[Quoted]:
    """All quotations, by start; time grows with the length only. A single ' counts as a mark around words only."""
    found: list[Quoted] = []
    stack: list[_Open] = []
    for match in _MARKS.finditer(text):
        mark, at, after = match.group(), match.start(), match.end()
        while stack and _lost(text, stack[-1], at):
            found.append(_unclosed(text, stack.pop(), len(stack)))
        opened = stack[-1] if stack else None
        if opened and _closes(text, opened.mark, mark, at, after):
            stack.pop()
            found.append(Quoted(opened.start, after, opened.end, at, len(stack)))
        elif _opens(text, mark, at, after):
            if opened and _new_paragraph(text, at) and mark == opened.mark:
                continue  # every paragraph of a long quotation begins with a mark
            if opened and mark == opened.mark and "\n" in text[opened.start : at]:
                found.append(_unclosed(text, stack.pop(), len(stack)))
            if len(stack) < 4:
                stack.append(_Open(mark, at, after))
    while stack:
        found.append(_unclosed(text, stack.pop(), len(stack)))
    return sorted((q for q in found if q.inner_end > q.inner_start), key=lambda q: (q.start, -q.end))


def _lost(text: str, opened: _Open, at: int) -> bool:
    """True for a mark that was never closed: too far back, or of a kind that does not cross lines."""
    if at - opened.start > _LONGEST:
        return True
    return opened.mark in "'‘" and "\n" in text[opened.start : at]


def _unclosed(text: str, opened: _Open, depth: int) -> Quoted:
    line_end = text.find("\n", opened.end)
    end = len(text) if line_end < 0 else line_end
    return Quoted(opened.start, min(end, opened.start + _LONGEST), opened.end, end, depth, closed=False)


def _closes(text: str, opening: str, mark: str, at: int, after: int) -> bool:
    if opening in _EITHER:
        return mark in '"”' and _looks_closing(text, at, after)
    if opening == "'":
        return mark == "'" and at > 0 and not text[at - 1].isspace() and not _letter(text, after)
    if mark not in _PAIRS.get(opening, ""):
        return False
    return not (mark in "’" and _letter(text, after)) and (mark != '"' or _looks_closing(text, at, after))


def _looks_closing(text: str, at: int, after: int) -> bool:
    """A letter or a stop before, or none after: also a mark alone on its line, before a comma."""
    before = text[at - 1] if at else "\n"
    follows = text[after] if after < len(text) else "\n"
    if not before.isspace() and before not in "([{—–":
        return not follows.isalnum() or before in ".,!?…"
    return follows in ",.;:!?)]" or (before == "\n" and follows.isspace())


def _opens(text: str, mark: str, at: int, after: int) -> bool:
    if mark in _PAIRS:
        return True
    if mark not in _EITHER and mark != "'":
        return False
    before = text[at - 1] if at else " "
    follows = text[after] if after < len(text) else " "
    if mark == "'":
        # Apostrophes are far more frequent: only before a capital, and if the line has another.
        return (before.isspace() or before in "([") and follows.isupper() and "'" in text[after : after + 400]
    return not follows.isspace() and (before.isspace() or before in "([{—–-:«„“/" or not before.isalnum())


def _letter(text: str, at: int) -> bool:
    return at < len(text) and text[at].isalnum()


def _new_paragraph(text: str, at: int) -> bool:
    line = text.rfind("\n", 0, at)
    return line >= 0 and not text[line:at].strip()
