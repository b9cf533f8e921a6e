"""One claim, put together of what was found out: words, speaker, date, election, figures, and its flags."""

from __future__ import annotations

from collections.abc import Iterator

from tallyscope.claims.claim import Attribution, Claim, Dating, Flag, Form, Span, Speaker
from tallyscope.claims.reading.article import Article
from tallyscope.claims.reading.passages import Part
from tallyscope.claims.reading.sides import Raw
from tallyscope.claims.reading.topics import mechanisms_in

__all__ = ["claim_of"]


def claim_of(
    article: Article, part: Part, raw: Raw, speaker: Speaker, chain: tuple[Attribution, ...], date: Dating
) -> Claim:
    form: Form = raw.form
    whole = Span(part.spans[0].start, part.spans[-1].end)
    fragment = raw.fragment if raw.fragment and whole.start <= raw.fragment.start < whole.end else None
    if form == "mixed" and fragment is None:
        form = "indirect"
    allege = part.type in ("fraud_mechanism", "legitimacy_assessment")
    return Claim(
        id="",
        content=part.spans,
        form=form,
        type=part.type,
        speaker=speaker,
        cue=raw.cue,
        chain=chain,
        outlet=article.outlet,
        statement_date=date,
        election=part.election,
        figures=part.measures.figures,
        progress=part.measures.progress,
        quotation=Span(raw.quote.start, raw.quote.end) if raw.quote else None,
        direct_part=fragment,
        mechanisms=mechanisms_in(article.text, whole, article.lex) if allege else (),
        flags=tuple(_flags(article, part, raw)),
    )


def _flags(article: Article, part: Part, raw: Raw) -> Iterator[Flag]:
    words = " ".join(span.of(article.text) for span in part.spans)
    if raw.form in ("direct", "mixed"):
        if "[" in words:
            yield Flag("insertion", "words in brackets are not the speaker's")
        if "..." in words or "…" in words:
            yield Flag("ellipsis", "words were left out")
    if raw.quote is not None and not raw.quote.closed:
        yield Flag("unbalanced", "a quotation mark is missing: where the quotation ends is a guess")
    shares = [f for f in part.measures.figures if f.unit == "percent"]
    for figure in shares:
        if (figure.value or figure.maximum or 0) > 100:
            yield Flag("over-100", f"{figure.span.of(article.text)}: more than 100 %")
    votes = {
        f.choice: f.value or 0 for f in shares if f.choice and f.metric == "vote_share" and f.value is not None
    }
    if len(votes) > 1 and sum(votes.values()) > 100 + 0.5 * len(votes):
        yield Flag("over-100", f"the shares sum to {sum(votes.values()):.2f} %")
