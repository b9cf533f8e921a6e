"""From sentences to claims: every attribution of a text with its speaker, its date, its election, its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tallyscope.claims.claim import Attribution, Claim, Dating, Evidence, Form, Span, Speaker
from tallyscope.claims.reading.about import About
from tallyscope.claims.reading.article import Article, about_of, country_of, question_before
from tallyscope.claims.reading.attribution import attributed
from tallyscope.claims.reading.dates import written_dates
from tallyscope.claims.reading.dating import statement_date
from tallyscope.claims.reading.figures import expected, measures_in
from tallyscope.claims.reading.heads import heads_of
from tallyscope.claims.reading.layout import Block
from tallyscope.claims.reading.made import claim_of
from tallyscope.claims.reading.passages import Part, parts_of
from tallyscope.claims.reading.posts import posts_joined, said_in_post
from tallyscope.claims.reading.sentences import Sentence, pieces, tokens_of
from tallyscope.claims.reading.sides import Raw
from tallyscope.claims.reading.unattributed import result_lines, source_of, teller_of
from tallyscope.claims.registry.entities import entities

__all__ = ["claims_of"]


def claims_of(article: Article) -> list[Claim]:
    """All claims, without ids, in order of the text."""
    found: list[tuple[Block, Claim]] = []
    sentences = posts_joined(article.sentences)
    told = 0
    for n, (sentence, raws) in enumerate(sentences):
        if n < told:
            continue
        own = article.author is not None or article.writer is not None
        lines = result_lines(sentences, n, about_of(article, sentence.block), 1 if own else 2)
        made = list(_of_sentence(article, sentence, raws, found))
        if not made and lines:
            made = list(_told(article, sentence, sentences[n + lines - 1][0].end, found))
            told = n + lines if made else 0
        if not made:
            article.cast.notice(sentence.start, sentence.end)
        found += [(sentence.block, claim) for claim in made]
    return sorted([*heads_of(article, found), *(claim for _, claim in found)], key=lambda c: (c.start, -c.end))


def _told(article: Article, first: Sentence, end: int, before: Sequence[tuple[Block, Claim]]) -> Iterator[Claim]:
    """Results in nobody's name: the commission's whose bulletin it is, or whoever tells them."""
    speaker = (
        article.author
        or article.writer
        or source_of(article.text, first, article.about.named, article.about.contest)
        or teller_of(before, first.block, article.outlet)
    )
    if speaker is not None and article.electoral.get(first.block.section, True):
        form: Form = "direct" if article.author or article.writer else "indirect"
        told = list(_claims(article, first.block, Raw((Span(first.start, end),), form, (), None), speaker))
        last = before[-1][1] if before else None
        if (
            last is not None
            and told
            and last.progress is not None
            and not last.figures
            and last.speaker.key == speaker.key
        ):
            # "Protocols of so many precincts have been entered. The votes are as follows:"
            told[0] = replace(told[0], progress=told[0].progress or last.progress)
        yield from told


def _of_sentence(
    article: Article, sentence: Sentence, raws: list[Raw], before: Sequence[tuple[Block, Claim]]
) -> Iterator[Claim]:
    block = sentence.block
    if block.kind == "post":
        for raw, speaker, chain in said_in_post(sentence, raws, article.cast):
            yield from _claims(article, block, raw, speaker, chain)
        return
    label = _label(article, block)
    if label is not None and raws and all(r.according and not _names(article, r) for r in raws):
        raws = []  # "According to preliminary data": the speaker's own
    if not raws and label is not None:
        span = Span(sentence.start, sentence.end)
        if not span.of(article.text).rstrip().endswith("?") and len(span) > 12:
            told = _claims(article, block, Raw((span,), "direct", (), None), label)
            # Of whom the registry knows, every word; of others what bears on the election.
            yield from (c for c in told if label.id or c.type != "other" or c.figures)
        return
    for raw in raws:
        who = _speaker(article, sentence, raw, before)
        if who is None:
            continue
        chain = (Attribution(label, "direct"),) if label is not None else ()
        if raw.citing is not None:
            chain, who = (*chain, Attribution(who, "indirect")), article.cast.resolve(raw.citing)
        previous = before[-1][1] if before else None
        yield from _claims(article, block, raw, who, chain, previous)


def _names(article: Article, raw: Raw) -> bool:
    if raw.subject is None:
        return False
    words = {w.lower() for w in raw.subject.of(article.text).split()}
    bodies = article.lex.nouns["body"] - article.lex.nouns["products"]
    return bool(article.about.named.within(raw.subject)) or bool(words & bodies)


def _label(article: Article, block: Block) -> Speaker | None:
    """Who speaks a turn, if it is somebody whose words count: not the host, not a reporter."""
    if block.label is None or block.asks:
        return None
    words = [w.lower().strip("().,") for w in block.label.of(article.text).split()]
    if set(words) & article.lex.nouns["press"] or words[-1] in article.hosts:
        return None
    named = [n for n in article.about.named.within(block.label) if not n.adjective]
    known = any(entities()[id].kind not in ("country", "outlet") for n in named for id in n.ids)
    if known or (block.turn and not named and not block.label.of(article.text).isupper()):
        return article.cast.resolve(block.label)
    return None


def _speaker(
    article: Article, sentence: Sentence, raw: Raw, before: Sequence[tuple[Block, Claim]]
) -> Speaker | None:
    if raw.subject is not None:
        return article.cast.resolve(raw.subject)
    if raw.continued:
        # A quotation that stands alone goes on with whoever spoke before it.
        last = next(
            (c for b, c in reversed(before) if b.section == sentence.block.section and not c.nested_in), None
        )
        return replace(last.speaker, mention=None) if last is not None else None
    return None


def _claims(
    article: Article,
    block: Block,
    raw: Raw,
    speaker: Speaker,
    chain: tuple[Attribution, ...] = (),
    previous: Claim | None = None,
) -> Iterator[Claim]:
    about = replace(
        about_of(article, block),
        speaker_country=country_of(speaker),
        verb=raw.verb,
        headline=raw.verb if raw.form == "headline" else "",
    )
    date = _date(article, block, raw, speaker, previous)
    for told in _with_progress(parts_of(raw.content, about, raw.form == "direct"), raw, about):
        part = _expected(article, _of_turnout(article, block, told), raw, date)
        yield claim_of(article, part, raw, speaker, chain, date)
        if raw.form == "direct":
            yield from _nested(article, block, part, speaker, chain, date)


def _of_turnout(article: Article, block: Block, part: Part) -> Part:
    """ "And the turnout?" - "75.8 percent.": shares that are nobody's in an answer are what was asked for."""
    question = question_before(article, block) if block.turn else None
    if question is None or not article.lex.patterns["turnout"].search(
        article.text[question.start : question.end].lower()
    ):
        return part
    nobodys = {"vote_share": "turnout", "margin": "other"}
    figures = tuple(
        f if f.choice or f.metric not in nobodys else replace(f, metric=nobodys[f.metric])  # type: ignore[arg-type]
        for f in part.measures.figures
    )
    return replace(part, measures=replace(part.measures, figures=figures))


def _expected(article: Article, part: Part, raw: Raw, date: Dating) -> Part:
    """What a poll gives, and shares told before anybody has voted, are expected ones."""
    contest = article.about.contest
    if part.type != "result" or part.measures.progress or not part.measures.figures or contest is None:
        return part
    asked = raw.subject is not None and article.lex.patterns["polled"].search(raw.subject.of(article.text).lower())
    early = bool(date.value and date.value < contest.voting_days[0] and part.election.id == contest.id)
    if not (asked or early):
        return part
    measures = replace(part.measures, figures=expected(part.measures.figures, "forecast"))
    return replace(part, type="forecast", measures=measures)


def _with_progress(parts: list[Part], raw: Raw, about: About) -> list[Part]:
    """Progress that is told outside the claim: "With 99 percent counted, the commission said ..."."""
    if len(parts) != 1 or not parts[0].measures.figures or parts[0].measures.progress or not raw.frame:
        return parts
    told = measures_in(about.text, raw.frame, about.lex, about.choices).progress
    return [replace(parts[0], measures=replace(parts[0].measures, progress=told))]


def _date(article: Article, block: Block, raw: Raw, speaker: Speaker, previous: Claim | None) -> Dating:
    base = article.date
    if block.stamp is not None and block.kind == "post":
        for written in written_dates(article.text, block.stamp.start, block.stamp.end):
            day = written.on(base.value.year if base.value else 1900)
            if day is not None and (written.year or base.value):
                return Dating(day, (Evidence("the post's own date", written.span),), derived=False)
    told = statement_date(article.text, raw.frame, base, article.about.contest, article.lex)
    if told is not None:
        return told
    if previous is not None and previous.speaker.key == speaker.key and previous.statement_date.value:
        return replace(previous.statement_date, derived=True)
    return Dating(base.value, base.evidence, (), derived=True)


def _nested(
    article: Article, block: Block, part: Part, outer: Speaker, chain: tuple[Attribution, ...], date: Dating
) -> Iterator[Claim]:
    """ "... Putin said that such assessments are expected ..." inside what Peskov is quoted with."""
    steps = (*chain, Attribution(outer, "direct"))
    for start, end in pieces(article.text, part.spans[0].start, part.spans[-1].end):
        tokens = [t for t in tokens_of(article.text, start, end, ()) if t.text not in '"«»“”„[]']
        for raw in attributed(tokens, article.lex):
            subject = raw.subject
            if subject is None or raw.continued or raw.according or not raw.cue:
                continue
            first = article.text[subject.start : subject.end].lower().split()
            if not first or first[0] in article.lex.grammar["first_person"]:
                continue
            if raw.content[0].start < raw.cue[0].start:
                continue
            speaker = article.cast.resolve(subject, not_=outer.key)
            if speaker.id is None and not speaker.name[:1].isupper():
                continue
            told = statement_date(article.text, raw.frame, date, article.about.contest, article.lex) or date
            about = replace(about_of(article, block), inherited=part.election)
            for inner in parts_of(raw.content, about, False):
                claim = claim_of(article, inner, replace(raw, form="indirect", quote=None), speaker, steps, told)
                yield replace(claim, nested_in="outer")
