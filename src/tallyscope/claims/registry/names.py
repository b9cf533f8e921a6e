"""One key for a word of a name in any script, case or spelling: "Зюганова", "Zyuganov's", "Ziuganov" -> ziuganov.

Cyrillic words lose the endings of Russian declension and are transliterated (iuliia, Wikipedia's scheme, which
gives the spellings of the press); then letters that transliterations differ in are made alike.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["name_key", "romanised", "stem"]

_ENDINGS = (
    *("иями", "ями", "ами", "ого", "его", "ому", "ему", "ыми", "ими", "ией", "иях", "иям", "ием", "ией"),
    *("ый", "ий", "ой", "ая", "яя", "ое", "ее", "ые", "ие", "ых", "их", "ым", "им", "ом", "ем", "ём", "ую", "юю"),
    *("ою", "ею", "ей", "ия", "ии", "ию", "ья", "ье", "ью", "ям", "ях", "ам", "ах", "ов", "ев"),
    *("а", "я", "о", "е", "ё", "у", "ю", "ы", "и", "ь", "й"),
)
#: Of a surname these are not endings: "Зюганов", "Глазьев".
_OF_NAMES = frozenset(("ов", "ев"))
_LONGEST = max(map(len, _ENDINGS))
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
_LETTERS = str.maketrans({"ı": "i", "ł": "l", "đ": "d", "ø": "o", "ə": "e", "ß": "ss", "æ": "ae", "ð": "d"})
_ALIKE = (("kh", "h"), ("shch", "sch"), ("y", "i"), ("j", "i"), ("ie", "e"), ("ks", "x"), ("ph", "f"), ("w", "v"))
_DOUBLED = re.compile(r"(.)\1+")


#: What ends like a case and does not decline so: "Центризбирком".
_WHOLE = ("избирком",)


def stem(word: str) -> str:
    """A Russian word, lower case, without its ending (three letters stay; names in -ов and -ев keep it)."""
    for whole in _WHOLE:
        if whole in word:
            return word[: word.index(whole) + len(whole)]
    for length in range(min(_LONGEST, len(word) - 3), 0, -1):
        ending = word[-length:]
        if ending in _ENDINGS and ending not in _OF_NAMES:
            return word[:-length]
    return word


@lru_cache(maxsize=4096)
def romanised(text: str) -> str:
    """A text in Latin letters, as the press spells it."""
    import iuliia

    if _CYRILLIC.search(text):
        text = iuliia.WIKIPEDIA.translate(text)
    if not text.isascii() and any(ord(c) > 0x24F for c in text):
        from anyascii import anyascii

        text = anyascii(text)
    return text


@lru_cache(maxsize=65536)
def name_key(word: str) -> str:
    """The key of one word; "" for a word without letters or digits. Words of a hundred letters and more are cut."""
    low = word[:100].casefold().replace("’", "'")
    if low.endswith("'s"):
        low = low[:-2]
    low = low.strip("'-")
    if _CYRILLIC.search(low):
        low = romanised(stem(low.replace("ё", "е")))
    low = unicodedata.normalize("NFKD", low.translate(_LETTERS))
    low = "".join(c for c in low if not unicodedata.combining(c))
    if not low.isascii():
        low = romanised(low).casefold()
    for spelt, alike in _ALIKE:
        low = low.replace(spelt, alike)
    return _DOUBLED.sub(r"\1", "".join(c for c in low if c.isalnum()))
