"""From sentences to claims: every attribution of a text with its speaker, its date, its election, its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tallyscope.claims.claim import Attribution, Claim, Dating, Evidence, Flag, Form, Span, Speaker
from tallyscope.claims.reading.attribution import attributed
from tallyscope.claims.reading.dates import written_dates
from tallyscope.claims.reading.dating import statement_date
from tallyscope.claims.reading.figures import expected, measures_in
from tallyscope.claims.reading.headlines import headline_of, same
from tallyscope.claims.reading.layout import Block
from tallyscope.claims.reading.lexicon import Lexicon, language_of, lexicon
from tallyscope.claims.reading.passages import About, Part, parts_of
from tallyscope.claims.reading.posts import posts_joined, said_in_post
from tallyscope.claims.reading.sentences import Sentence, pieces, tokens_of
from tallyscope.claims.reading.sides import Raw
from tallyscope.claims.reading.speakers import Cast
from tallyscope.claims.reading.topics import mechanisms_in
from tallyscope.claims.reading.turns import hosts_of
from tallyscope.claims.reading.unattributed import result_lines, source_of, teller_of
from tallyscope.claims.registry.entities import entities

__all__ = ["Article", "claims_of"]

#: A headline is the claim below it if it has this part of its words.
_SAME = 0.55


@dataclass
class Article:
    """What has been found out about a text before its claims are put together."""

    text: str
    lex: Lexicon
    blocks: Sequence[Block]
    sentences: Sequence[tuple[Sentence, list[Raw]]]
    cast: Cast
    about: About
    date: Dating
    outlet: str | None
    electoral: dict[int, bool]
    #: The commission whose own bulletin it is.
    author: Speaker | None = None
    #: Whose page it is, if it speaks in the first person.
    writer: Speaker | None = None
    #: Section -> the number of its first block.
    section_at: dict[int, int] = field(default_factory=dict)
    #: Surnames, in lower case, of those who only ask.
    hosts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for n, block in enumerate(self.blocks):
            self.section_at.setdefault(block.section, n)
        turns = [(b.label, Span(b.start, b.end)) for b in self.blocks if b.turn and b.label is not None]
        self.hosts = hosts_of(self.text, turns)


def claims_of(article: Article) -> list[Claim]:
    """All claims, without ids, in order of the text."""
    found: list[tuple[Block, Claim]] = []
    sentences = posts_joined(article.sentences)
    told = 0
    for n, (sentence, raws) in enumerate(sentences):
        if n < told:
            continue
        own = article.author is not None or article.writer is not None
        lines = result_lines(sentences, n, _about(article, sentence.block), 1 if own else 2)
        made = list(_of_sentence(article, sentence, raws, found))
        if not made and lines:
            made = list(_told(article, sentence, sentences[n + lines - 1][0].end, found))
            told = n + lines if made else 0
        if not made:
            article.cast.notice(sentence.start, sentence.end)
        found += [(sentence.block, claim) for claim in made]
    heads = [
        c
        for b in article.blocks
        if b.kind in ("headline", "subheadline")
        for part in _headlines(article.text, b)
        if (c := _of_headline(article, part, found))
    ]
    return sorted([*heads, *(claim for _, claim in found)], key=lambda c: (c.start, -c.end))


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


def _about(article: Article, block: Block) -> About:
    """What is known of a block: a post may be in another language than the rest."""
    about = replace(article.about, electoral=article.electoral.get(block.section, True))
    if block.kind == "post":
        start = article.blocks[article.section_at[block.section]].start
        lex = lexicon(language_of(article.text[block.start : block.end]))
        about = replace(about, lex=lex, whole=True, choices=replace(about.choices, floor=start))
    return about


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
        _about(article, block),
        speaker_country=_country_of(speaker),
        verb=raw.verb,
        headline=raw.verb if raw.form == "headline" else "",
    )
    date = _date(article, block, raw, speaker, previous)
    for told in _with_progress(parts_of(raw.content, about, raw.form == "direct"), raw, about):
        part = _expected(article, told, raw, date)
        yield _claim(article, part, raw, speaker, chain, date)
        if raw.form == "direct":
            yield from _nested(article, block, part, speaker, chain, date)


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


def _claim(
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


def _country_of(speaker: Speaker) -> str | None:
    entity = entities().get(speaker.id or "")
    return entity.country if entity else None


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
            about = replace(_about(article, block), inherited=part.election)
            for inner in parts_of(raw.content, about, False):
                claim = _claim(article, inner, replace(raw, form="indirect", quote=None), speaker, steps, told)
                yield replace(claim, nested_in="outer")


def _headlines(text: str, block: Block) -> list[Block]:
    """ "A Says X; B Says Y" is two."""
    cuts = [block.start - 1, *(n for n in range(block.start, block.end) if text[n] == ";"), block.end]
    parts = [(a + 1 + len(text[a + 1 : b]) - len(text[a + 1 : b].lstrip()), b) for a, b in pairwise(cuts)]
    return [replace(block, start=a, end=b) for a, b in parts if a < b]


def _of_headline(article: Article, block: Block, found: Sequence[tuple[Block, Claim]]) -> Claim | None:
    """By whom it names; else by whoever says the same below it."""
    below = [c for b, c in found if b.section == block.section and c.start > block.start and not c.nested_in]
    raw = headline_of(tokens_of(article.text, block.start, block.end, ()), article.lex)
    if raw is None or raw.subject is None:
        words = article.text[block.start : block.end]
        if (quoted := _of_interview(article, block, words)) is not None:
            return quoted
        scored = [(same(words, c.words(article.text)), c) for c in below[:3]]
        best = max(scored, key=lambda s: s[0], default=(0.0, None))
        if best[1] is None or best[0] < _SAME:
            return None
        span = Span(block.start, block.end)
        return replace(
            _made(
                article, block, Raw((span,), "headline", (), None), replace(best[1].speaker, mention=None), best[1]
            )
        )
    speaker = article.cast.resolve(raw.subject)
    follows = next((c for c in below if c.speaker.key == speaker.key), below[0] if below else None)
    return _made(article, block, raw, speaker, follows)


def _of_interview(article: Article, block: Block, words: str) -> Claim | None:
    """A quotation above a conversation is of whom it is with."""
    who = next((b.label for b in article.blocks if b.turn and not b.asks and b.label is not None), None)
    if who is None or words[0] not in '"«“„' or words[-1] not in '"»”' or block.section:
        return None
    raw = Raw((Span(block.start, block.end),), "headline", (), who)
    return _made(article, block, raw, article.cast.resolve(who), None)


def _made(article: Article, block: Block, raw: Raw, speaker: Speaker, follows: Claim | None) -> Claim:
    about = replace(
        article.about,
        electoral=article.electoral.get(block.section, True),
        speaker_country=_country_of(speaker),
        headline=raw.verb,
    )
    part = parts_of(raw.content, about, False)[0]
    date = follows.statement_date if follows else Dating(article.date.value, article.date.evidence)
    return _claim(article, replace(part, spans=raw.content), raw, speaker, (), replace(date, derived=True))
