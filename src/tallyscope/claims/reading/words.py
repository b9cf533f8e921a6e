"""A text as words: where each begins and ends, its key for names, and whether it is written with a capital."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tallyscope.claims.registry.names import name_key

__all__ = ["Word", "words_of"]

#: Letters and digits, with inner hyphens, apostrophes and full stops ("UDF.BY", "don't", "57-59" stays two words).
_WORD = re.compile(r"[^\W\d_][\w]*(?:['’.\-][^\W\d_]\w*)*|\d+(?:[.,]\d+)*|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a single mark. `low`: in lower case, curly apostrophes made straight."""

    start: int
    end: int
    text: str
    low: str

    @property
    def is_word(self) -> bool:
        """True unless it is a mark or a number."""
        return self.text[0].isalpha()

    @property
    def capital(self) -> bool:
        """True if it begins with a capital letter (scripts without capitals: never)."""
        return self.text[0].isupper()

    @property
    def key(self) -> str:
        """What `registry.names.name_key` makes of it."""
        return name_key(self.text) if self.text[0].isalnum() else ""


def words_of(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """The words and marks of a passage, in order; time grows with its length only."""
    found = []
    for match in _WORD.finditer(text, start, len(text) if end is None else end):
        word = match.group()
        found.append(Word(match.start(), match.end(), word, word.lower().replace("’", "'")))
    return found
