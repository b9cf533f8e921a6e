"""What a passage is about: its type of claim, whether it speaks of an election, the mechanisms it alleges."""

from __future__ import annotations

from dataclasses import dataclass

from tallyscope.claims.claim import Mechanism, Span, Type
from tallyscope.claims.reading.lexicon import Lexicon

__all__ = ["Topic", "mechanisms_in", "topic_of"]


@dataclass(frozen=True)
class Topic:
    """`type`: by its words alone. `election`: words of elections in it; `off`: words of other matters."""

    type: Type
    election: bool
    off: bool


def topic_of(passage: str, lex: Lexicon, shares: int = 0, headline: str = "") -> Topic:
    """Of a sentence or clause. `shares`: how many shares of votes are in it; `headline`: the verb of a headline."""
    low = passage.lower().replace("’", "'")
    found = lex.patterns
    spoken = bool(found["vocabulary"].search(low)) or shares > 0
    return Topic(_type(low, lex, shares, headline), spoken, bool(found["off"].search(low)))


def _type(low: str, lex: Lexicon, shares: int, headline: str) -> Type:
    found = lex.patterns
    fraud = found["fraud"].search(low)
    if fraud and not _denied(low[: fraud.start()], lex):
        return "fraud_mechanism"
    asks = low.rstrip(" \"”»'").endswith("?") or "? " in low
    if fraud or found["legitimacy"].search(low):
        return "legitimacy_assessment"
    if asks:
        return "other"
    if _expects(low, lex):
        return "forecast"
    if (shares and found["result"].search(low)) or shares >= 1 or found["declared"].search(low):
        return "result"
    if found["landslide"].search(low):
        return "result"
    if headline in lex.verbs["say"] | lex.verbs["that"] and found["claimed"].search(low):
        return "result"
    return "country_comparison" if found["comparison"].search(low) else "other"


def _denied(before: str, lex: Lexicon) -> bool:
    """ "No ballot stuffing", «никаких каруселей»: who denies a mechanism judges the vote."""
    ends = [m.end() for m in lex.patterns["denied"].finditer(before)]
    return bool(ends) and len(before[ends[-1] :].split()) <= 1


def _expects(low: str, lex: Lexicon) -> bool:
    """A word of expectation in the main clause: not behind "which", "so that", or a verb in the present."""
    match = lex.patterns["forecast"].search(low)
    if match is None:
        return False
    words = low[: match.start()].replace("[", " ").replace('"', " ").split()
    if words and words[0] in lex.that:
        words = words[1:]
    stops = (lex.grammar["subordinators"] | lex.grammar["be"]) - {"so"}
    stops |= {"means", "meant", "could", "can", "did", "does", "has", "had", "have", "not"}
    if match.group() in ("'ll", "will", "would", "shall"):
        return not any(word.strip(",.:;") in stops for word in words)
    # "have been expected", "quite expected" look back.
    if words and words[-1] in ("been", "quite", "as", "long"):
        return False
    return not any(word.strip(",.:;") in lex.grammar["subordinators"] for word in words[1:])


def mechanisms_in(text: str, span: Span, lex: Lexicon) -> tuple[Mechanism, ...]:
    """Each kind of manipulation that a passage alleges, where it first does."""
    low = span.of(text).lower()
    found = []
    for name, pattern in lex.mechanisms.items():
        match = pattern.search(low)
        if match:
            found.append(Mechanism(name, Span(span.start + match.start(), span.start + match.end())))
    return tuple(sorted(found, key=lambda m: m.span))
