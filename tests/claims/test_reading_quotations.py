"""Quotation marks of every style: nested, over paragraphs, missing; and marks that quote nobody."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.claims.reading.lexicon import lexicon
from tallyscope.claims.reading.quotations import quoted_in
from tallyscope.claims.reading.sentences import is_title


def outer(text: str) -> list[str]:
    return [text[q.start : q.end] for q in quoted_in(text) if q.depth == 0]


@pytest.mark.parametrize(
    ("text", "quotations"),
    [
        ('He said: "We won." Then he left.', ['"We won."']),
        ("«Мы победили», – сказал он.", ["«Мы победили»"]),
        ("„Wir haben gewonnen“, sagte er.", ["„Wir haben gewonnen“"]),
        ("“We won,” she said. “Twice.”", ["“We won,”", "“Twice.”"]),
        ("«Партия «Яблоко» победила», – сказал он.", ["«Партия «Яблоко» победила»"]),
        ("He said ‘we won’ and the voters’ list is long.", ["‘we won’"]),
        ("``We won,'' he said.", ["``We won,''"]),
        ('"We won\n\nand won again"\n, he said.', ['"We won\n\nand won again"']),
        ('"We won and won again\n"\n, he said.', ['"We won and won again\n"']),
        ('"First paragraph.\n\n"Second paragraph," he said.', ['"First paragraph.\n\n"Second paragraph,"']),
        ("「我们赢了」他说。", ["「我们赢了」"]),
        ('5" pipes and 6" pipes', []),
    ],
)
def test_a_quotation_is_what_stands_between_a_pair_of_marks(text: str, quotations: list[str]) -> None:
    assert outer(text) == quotations


def test_a_missing_mark_ends_with_its_paragraph_and_says_so() -> None:
    text = '"We won, he said.\nThe commission spoke of "no violations" at all.'
    found = quoted_in(text)
    assert [(text[q.start : q.end], q.closed) for q in found] == [
        ('"We won, he said.', False),
        ('"no violations"', True),
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('The leader of "A Just World" believes in it.', True),
        ("После обработки «Единая Россия» набирает 49,54%.", True),
        ("«Яблоко» получает 3%, «Новые люди» – 5%.", True),
        ('The "Yes" side stood at 51.36 percent.', True),
        ("Председатель сказал: «Вам показалось».", False),
        ("«Комментировать слухи мы не будем», – сказал представитель партии.", False),
        ('The vote was "obviously not free nor fair."', False),
        ('"We won," he said.', False),
        ('"Unfair", said the observer.', False),
    ],
)
def test_marks_around_a_name_quote_nobody(text: str, title: bool) -> None:
    quote = quoted_in(text)[0]
    language = "ru" if any("а" <= c <= "я" for c in text) else "en"
    assert is_title(text, quote, lexicon(language)) is title


@given(st.text(alphabet="\"'«»“”„‘’ ab.,\n(", max_size=120))
def test_quotations_lie_in_the_text_and_outermost_ones_do_not_overlap(text: str) -> None:
    found = quoted_in(text)
    for q in found:
        assert 0 <= q.start <= q.inner_start < q.inner_end <= q.end <= len(text)
    top = [q for q in found if q.depth == 0 and q.closed]
    assert all(a.end <= b.start for a, b in pairwise(top))
