"""Conversations, posts and blogs: whose words a turn is, who only asks, when a post was written."""

from __future__ import annotations

import pytest

from tallyscope.claims.claim import Document
from tallyscope.claims.reading import read_claims

DASHES = """«Нас никто не слушал»

Разговор с политологом Олегом Петровым о выборах президента России 4 марта 2012 года

– Вы ждали такого результата?

– Нет. У Путина было не больше 50 процентов. Протоколы переписывали ночью.

– Центризбирком сообщил, что явка составила 65,3 процента. Вы верите?

– Выборы были нечестными.

– Спасибо.
"""

LABELS = """Радио, 5 марта 2012 года. О выборах президента России.

Инна Белова: Добрый вечер. Что с подсчётом?

Пётр Громов: Добрый вечер. У Путина 63,6 процента.

Белова: А явка?

Громов: Явка 65,3 процента.

Белова: Спасибо.
"""

BLOG = """Numbers and votes
Posted by Ann Archer on March 22, 2018

I went through the table of the Russian presidential election again. Putin took 76.69% of the vote.

The Central Election Commission says turnout was 67.5 percent.

Comments (1)

oldvoter, March 22, 2018 at 3:14 pm
In 2004 Putin had 71 percent.
"""

POSTS = """@watcher_minsk
10 авг 2020 г., 00:21
Выборы в Беларуси: на участке Тихановская 1561, Лукашенко 552

@news_minsk
10 авг 2020 г., 08:05
⚡ЦИК Беларуси, предварительно: Лукашенко 80,23%, Тихановская 9,9%
"""


def _said(document: Document) -> list[tuple[str, str, str]]:
    return [(c.speaker.key, c.form, c.type) for c in document.claims]


def test_in_an_interview_behind_dashes_answers_are_the_guests_and_questions_are_nobodys() -> None:
    document = read_claims(DASHES)
    assert not [c for c in document.claims if "ждали такого" in c.said or "Вы верите" in c.said]
    answers = [c for c in document.claims if c.form == "direct"]
    assert {c.speaker.key for c in answers} == {document.claims[0].speaker.key}
    assert [c.type for c in answers] == ["result", "fraud_mechanism", "legitimacy_assessment"]
    assert answers[0].figures[0].value == 50.0
    # What the interviewer reports is the commission's.
    assert [(c.speaker.id, c.form) for c in document.claims if "65,3" in c.said] == [("ru-cec", "indirect")]


def test_a_quotation_above_an_interview_is_the_guests() -> None:
    document = read_claims(DASHES)
    assert (document.claims[0].form, document.claims[0].said) == ("headline", "«Нас никто не слушал»")
    assert document.claims[0].speaker.name.split()[-1].startswith("Petrov")


def test_names_before_colons_are_turns_and_who_asks_claims_nothing() -> None:
    document = read_claims(LABELS)
    assert _said(document) == [("Pyotr Gromov", "direct", "result")] * 2
    assert [f.value for c in document.claims for f in c.figures] == [63.6, 65.3]


@pytest.mark.parametrize("text", ["Цены: рост\n" * 5, "Список:\n" + "– пункт\n" * 6, "Note: this. Note: that."])
def test_lists_are_no_conversations(text: str) -> None:
    assert read_claims(text + "\nВыборы президента России прошли 4 марта 2012 года.").claims == ()


def test_a_blog_is_its_authors_a_comment_its_writers_and_both_have_their_day() -> None:
    document = read_claims(BLOG)
    told = [
        (c.speaker.key, c.form, c.statement_date.value.isoformat())
        for c in document.claims
        if c.statement_date.value
    ]
    assert ("Ann Archer", "direct", "2018-03-22") in told
    assert ("ru-cec", "indirect", "2018-03-22") in told
    last = document.claims[-1]
    assert (last.speaker.key, last.election.id) == ("oldvoter", "RU-PRES-2004")


def test_a_post_whose_date_has_a_line_of_its_own_is_dated_by_it() -> None:
    document = read_claims(POSTS)
    first, second = document.claims
    assert (first.speaker.key, second.speaker.id) == ("@watcher_minsk", "by-cec")
    assert [c.statement_date.value.isoformat() for c in document.claims if c.statement_date.value] == [
        "2020-08-10"
    ] * 2
    assert [f.value for f in first.figures] == [1561, 552]
    assert [a.speaker.key for a in second.chain] == ["@news_minsk"]


def test_an_answer_about_turnout_is_nobodys_share_and_one_about_a_candidate_is_his() -> None:
    text = (
        "Радио, 19 марта 2018 года. О выборах президента России.\n\n"
        "Инна Белова: Что у Грудинина?\n\nПётр Громов: Одиннадцать процентов с лишним, 11,8 процента.\n\n"
        "Белова: А явка?\n\nГромов: 67,5 процента, на два пункта больше, чем тогда.\n\nБелова: Спасибо?\n"
    )
    figures = [f for c in read_claims(text).claims for f in c.figures]
    assert [(f.metric, f.choice) for f in figures if f.value == 11.8] == [("vote_share", "grudinin")]
    assert [(f.metric, f.choice) for f in figures if f.value == 67.5] == [("turnout", None)]
    assert [f.metric for f in figures if f.value == 2.0] == ["other"]
