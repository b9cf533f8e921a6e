"""Ids of choices from their headers: Latin lower case, words joined with "_", unique.

"Путин Владимир Владимирович" -> "putin"           "12 - Giorgi Margvelashvili" -> "margvelashvili"
"votes_psoe" -> "psoe"    "MAS - IPSP" -> "mas_ipsp"    "Против всех" -> "against_all"    "c21" -> "c21"
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from tallyscope.returns.inference.names import fixed_choice, lexicon, tokens

__all__ = ["choice_ids", "choice_name", "slug", "transliterated"]


def _letters(script: str, latin: str) -> dict[str, str]:
    return dict(zip(script, latin.split(), strict=True))


_CYRILLIC = {
    **_letters("абвгдежзийклмнопрсту", "a b v g d e zh z i y k l m n o p r s t u"),
    **_letters("фхцчшщыэюяіїєґў", "f kh ts ch sh shch y e yu ya i yi ye g u"),
    **_letters("јљњћђџѓќѕ", "j lj nj c dj dz gj kj dz"),
    **{"ё": "e", "ъ": "", "ь": ""},
}
_GEORGIAN = {
    **_letters("აბგდევზთიკლმნოპჟრსტუ", "a b g d e v z t i k l m n o p zh r s t u"),
    **_letters("ფქღყშჩცძწჭხჯჰ", "p k gh q sh ch ts dz ts ch kh j h"),
}
_GREEK = {
    **_letters("αβγδεζηθικλμνξ", "a v g d e z i th i k l m n x"),
    **_letters("οπρστυφχψως", "o p r s t y f ch ps o s"),
}
_LATIN = {"ß": "ss", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ə": "e"}
_TABLE = {**_CYRILLIC, **_GEORGIAN, **_GREEK, **_LATIN}

_NUMBER = re.compile(r"^\s*(?:№\s*)?\d{1,3}\s*[.)\-–:]\s*(?=\S)")
_QUOTES = re.compile(r"[\"«»„“”]+")
#: "Surname First Patronymic": the order of Russian, Ukrainian and Belarusian lists.
_PATRONYMIC = re.compile(r"^(\S+)\s+\S+\s+\S*(?:вич|вна|ична|йович|ївна|ьич|оглы|кызы|vich|vna)$", re.I)
_PERSON = re.compile(r"^[^\W\d_][\w'’.-]*(?:\s+[^\W\d_][\w'’.-]*){1,2}$")


def transliterated(text: str) -> str:
    """Latin letters for Cyrillic, Georgian and Greek ones, without accents, in lower case."""
    low = text.casefold()
    low = re.sub(r"(?<=[нкв])ий\b|ый\b", "y", low)
    low = low.replace("ье", "ye")
    return "".join(_latin(c) for c in low)


def _latin(letter: str) -> str:
    """One letter; one that is not in the table without its accents."""
    if letter in _TABLE:
        return _TABLE[letter]
    bare = [c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c)]
    return "".join(_TABLE.get(c, c) for c in bare)


def slug(text: str) -> str:
    """Letters and digits of a text in Latin lower case, joined with "_"; "choice" if nothing is left."""
    joined = re.sub(r"['’`]", "", transliterated(text))
    return "_".join(re.findall(r"[a-z0-9]+", joined)) or "choice"


def choice_name(header: str) -> str:
    """The choice's own name in a header: without its number on the ballot."""
    return re.sub(r"\s+", " ", _NUMBER.sub("", header)).strip().replace('""', '"') or header


def choice_ids(headers: Sequence[str]) -> tuple[str, ...]:
    """The ids of all choices of a file, in order; unique."""
    named = _without_shared([choice_name(h) for h in headers])
    persons = _are_persons(named)
    short = [_short(n, persons) for n in named]
    # Two choices of one short name get their long ones.
    full = [slug(n) if short.count(s) > 1 else s for n, s in zip(named, short, strict=True)]
    out: list[str] = []
    for position, id in enumerate(full, start=1):
        out.append(id if id not in out else f"{id}_{position}")
    return tuple(out)


def _without_shared(names: Sequence[str]) -> list[str]:
    """Leaves out the first or last word that all share ("votes_psoe", "votes_pp")."""
    words = [[w for w in re.split(r"[\s_]+", n) if w] for n in names]
    known = {t for word in lexicon()["choices"]["affixes"] for t in tokens(word)}
    if len(words) > 1 and all(len(w) > 1 for w in words):
        if len({w[0].casefold() for w in words}) == 1 and {w.casefold() for w in words[0][:1]} & known:
            words = [w[1:] for w in words]
        elif len({w[-1].casefold() for w in words}) == 1 and {w.casefold() for w in words[0][-1:]} & known:
            words = [w[:-1] for w in words]
        else:
            return list(names)
        return [" ".join(w) for w in words]
    return list(names)


def _are_persons(names: Sequence[str]) -> bool:
    """First name and surname: all names are of two or three words, none of them a party's."""
    party = {t for word in lexicon()["choices"]["party"] for t in tokens(word)}
    own = [n for n in names if fixed_choice(n) is None]
    parties = sum(any(t in party for t in tokens(n)) for n in own)
    return bool(own) and parties == 0 and all(_PERSON.match(n) for n in own)


def _short(name: str, persons: bool) -> str:
    fixed = fixed_choice(name)
    if fixed is not None:
        return fixed
    patronymic = _PATRONYMIC.match(name)
    if patronymic is not None:
        return slug(patronymic[1])
    if persons:
        return slug(name.split()[-1])
    quoted = [part for part in _QUOTES.split(name)[:-1] if part.strip()]
    if quoted and _QUOTES.search(name) and len(_QUOTES.split(name)) > 2:
        return slug(quoted[-1])
    generic = {t for word in lexicon()["choices"]["generic"] for t in tokens(word)}
    own = [w for w in name.split() if not set(tokens(w)) & generic or not tokens(w)]
    return slug(" ".join(own) or name)
