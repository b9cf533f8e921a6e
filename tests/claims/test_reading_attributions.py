"""How wire reports, headlines, posts and broadcasts attribute: who said which words, in which form."""

from __future__ import annotations

import pytest

from tallyscope.claims.claim import Claim
from tallyscope.claims.reading import read_claims

#: A text about the Russian election of 2018, into which each sentence is put.
BEFORE = "MOSCOW, March 19, 2018 (Reuters) - Vladimir Putin and Pavel Grudinin ran for president of Russia.\n\n"


def claims(sentence: str, before: str = BEFORE) -> list[tuple[str, str, str]]:
    document = read_claims(before + sentence)
    return [(c.speaker.key, c.form, c.words(document.text)) for c in document.claims if c.start >= len(before)]


@pytest.mark.parametrize(
    ("sentence", "speaker", "form", "words"),
    [
        ("The vote was fair, Ella Pamfilova said on Monday.", "ru-pamfilova", "indirect", "The vote was fair"),
        ("Ella Pamfilova said that the vote was fair.", "ru-pamfilova", "indirect", "that the vote was fair"),
        ("Pamfilova told reporters the vote was fair.", "ru-pamfilova", "indirect", "the vote was fair"),
        ('"The vote was fair," said Pamfilova.', "ru-pamfilova", "direct", '"The vote was fair,"'),
        ('Pamfilova said: "The vote was fair."', "ru-pamfilova", "direct", '"The vote was fair."'),
        ("According to Dmitry Peskov, the vote was fair.", "ru-peskov", "indirect", "the vote was fair"),
        ("The vote was fair, according to the OSCE.", "osce", "indirect", "The vote was fair"),
        (
            "The head of the mission, Inger Solberg, said the vote was fair.",
            "Inger Solberg",
            "indirect",
            "the vote was fair",
        ),
        (
            "Anna Lind, who led the mission, said the vote was fair.",
            "Anna Lind",
            "indirect",
            "the vote was fair",
        ),
        (
            'Lawmaker John Brown called the vote "a sham of an election".',
            "John Brown",
            "mixed",
            'the vote "a sham of an election"',
        ),
        (
            "Interfax quoted Pamfilova as saying that the vote was fair.",
            "ru-pamfilova",
            "indirect",
            "that the vote was fair",
        ),
        (
            "An exit poll by state pollster VTsIOM showed that Putin had won.",
            "ru-vtsiom",
            "indirect",
            "that Putin had won",
        ),
        (
            "Two days before the vote the institute Sreda had predicted that Putin would win.",
            "Sreda",
            "indirect",
            "that Putin would win",
        ),
        ("A government spokesman said the vote was fair.", "government spokesman", "indirect", "the vote was fair"),
        (
            'The observers\' league "Open Count" said the ballots were stuffed.',
            "Open Count",
            "indirect",
            "the ballots were stuffed",
        ),
    ],
)
def test_english(sentence: str, speaker: str, form: str, words: str) -> None:
    assert claims(sentence) == [(speaker, form, words)]


RUSSIAN = "МОСКВА, 19 марта 2018 года. На выборах президента России баллотировались Путин и Грудинин.\n\n"


@pytest.mark.parametrize(
    ("sentence", "speaker", "form", "words"),
    [
        (
            "Выборы прошли честно, сообщила в понедельник глава ЦИК Элла Памфилова.",
            "ru-pamfilova",
            "indirect",
            "Выборы прошли честно",
        ),
        ("Памфилова заявила, что выборы прошли честно.", "ru-pamfilova", "indirect", "что выборы прошли честно"),
        ("«Выборы прошли честно», — сказал Песков.", "ru-peskov", "direct", "«Выборы прошли честно»"),
        ("По словам Пескова, выборы прошли честно.", "ru-peskov", "indirect", "выборы прошли честно"),
        ("По данным ЦИК, выборы прошли честно.", "ru-cec", "indirect", "выборы прошли честно"),
        (
            "Выборы, как сообщил Песков, прошли честно.",
            "ru-peskov",
            "indirect",
            "Выборы … прошли честно",
        ),
        (
            "Выборы прошли честно. Об этом сообщила Элла Памфилова.",
            "ru-pamfilova",
            "indirect",
            "Выборы прошли честно",
        ),
        (
            "Социологи фонда «Зеркало» ожидали, что победит Путин.",
            "Zerkalo",
            "indirect",
            "что победит Путин",
        ),
        (
            "Глава штаба Игорь Меркулов заявил, что выборы прошли честно.",
            "Igor Merkulov",
            "indirect",
            "что выборы прошли честно",
        ),
    ],
)
def test_russian(sentence: str, speaker: str, form: str, words: str) -> None:
    assert claims(sentence, RUSSIAN) == [(speaker, form, words)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Pamfilova did not say that the vote was fair.",
        "The commission denies this.",
        "She was told about the vote.",
        'The film "Long Night" was shown on Sunday.',
        "It is said to be a fair vote.",
    ],
)
def test_what_nobody_claims_is_no_claim(sentence: str) -> None:
    assert claims(sentence) == []


def test_a_verb_without_a_subject_has_that_of_the_verb_before() -> None:
    assert claims("Pamfilova said the vote was fair, adding that turnout was high.") == [
        ("ru-pamfilova", "indirect", "the vote was fair"),
        ("ru-pamfilova", "indirect", "that turnout was high"),
    ]


def test_pronouns_and_roles_are_whoever_appeared_last_and_fits() -> None:
    said = claims(
        "Ella Pamfilova said the vote was fair. She added that turnout was high.\n\n"
        'The league\'s coordinator, Anton Berg, disagreed. "It was a sham," he said. '
        "The coordinator added that he had proof."
    )
    assert [key for key, _, _ in said] == ["ru-pamfilova", "ru-pamfilova", "Anton Berg", "Anton Berg"]


def test_a_source_that_an_outlet_cites_is_the_speaker_and_the_outlet_a_step_before() -> None:
    document = read_claims(BEFORE + "The vote was fair, TASS reported, citing the Central Election Commission.")
    claim: Claim = document.claims[-1]
    assert (claim.speaker.id, [a.speaker.id for a in claim.chain]) == ("ru-cec", ["outlet-tass"])


@pytest.mark.parametrize(
    ("headline", "speaker", "words"),
    [
        ("Peskov: Nothing Can Change the Outcome", "ru-peskov", "Nothing Can Change the Outcome"),
        ("Kremlin Calls Vote Fair", "ru-kremlin", "Vote Fair"),
        ("Putin Wins With 76% - Election Commission", "ru-cec", "Putin Wins With 76%"),
        ("ЦИК: «Единая Россия» набирает 49,54% голосов", "ru-cec", "«Единая Россия» набирает 49,54% голосов"),
    ],
)
def test_headlines(headline: str, speaker: str, words: str) -> None:
    document = read_claims(f"{headline}\n\n{BEFORE}")
    heads = [(c.speaker.key, c.words(document.text)) for c in document.claims if c.form == "headline"]
    assert heads == [(speaker, words)]


def test_a_headline_of_a_country_names_no_speaker() -> None:
    document = read_claims("Russia: Voting Ends in All Regions of the Country\n\n" + BEFORE)
    assert not document.claims


def test_a_post_is_its_authors_and_what_it_passes_on_is_not() -> None:
    text = "@first · 19 мар. 2018\nНа участке вброс!\n\n@second · 19 мар. 2018\nRT @first: На участке вброс!\n"
    said = [(c.speaker.key, [a.speaker.key for a in c.chain]) for c in read_claims(text).claims]
    assert said == [("@first", []), ("@first", ["@second"])]


def test_a_commissions_bulletin_is_its_own_claim() -> None:
    text = (
        "Центральная избирательная комиссия Российской Федерации\n5 марта 2012 года, 10:00\n"
        "Обработано 99,30 процента протоколов.\nЗюганов Геннадий Андреевич – 17,19%\n"
        "Путин Владимир Владимирович – 63,75%\n"
    )
    (claim,) = read_claims(text).claims
    assert (claim.speaker.id, claim.type, claim.election.id) == ("ru-cec", "result", "RU-PRES-2012")
    assert [(f.choice, f.printed) for f in claim.figures] == [("zyuganov", "17.19"), ("putin", "63.75")]
    assert claim.progress is not None
    assert claim.progress.printed == "99.30"


def test_paragraphs_of_a_bulletin_are_claims_of_their_own_and_a_list_has_the_progress_above_it() -> None:
    text = (
        "CENTRAL ELECTION COMMISSION OF GEORGIA\n28 October 2013, 11:00\n\n"
        "The CEC informs that protocols from 3,612 of 3,655 precincts have been entered. The votes are:\n\n"
        "Giorgi Margvelashvili - 62.1%\nDavit Bakradze - 21.7%\n\n"
        "Turnout was 46.6 percent by 20:00.\n\nIn Tbilisi 45.9 percent of voters cast their ballots.\n"
    )
    told = [c for c in read_claims(text).claims if c.figures]
    assert {c.speaker.id for c in told} == {"ge-cec"}
    assert [[f.value for f in c.figures] for c in told] == [[62.1, 21.7], [46.6], [45.9]]
    assert [c.progress.printed if c.progress else None for c in told] == ["98.82", None, None]


def test_an_interview_is_the_guests_words_not_the_hosts() -> None:
    text = (
        "HOST: With us is Lidia Yermoshina, head of the commission of Belarus. What is the turnout?\n\n"
        "YERMOSHINA: Turnout was 84.28 percent on 9 August 2020.\n\nHOST: Thank you for coming to us tonight.\n\n"
        "YERMOSHINA: Our elections are open and fair.\n"
    )
    document = read_claims(text)
    assert {c.speaker.id for c in document.claims} == {"by-yermoshina"}
    assert [c.type for c in document.claims] == ["result", "legitimacy_assessment"]


def test_words_of_saying_inside_the_marks_cut_a_russian_quotation_in_two() -> None:
    said = claims("«Мы ожидали 60%, – признал депутат Али Берг. – Но и 51% – это победа».", RUSSIAN)
    assert [(key, form) for key, form, _ in said] == [("Ali Berg", "direct"), ("Ali Berg", "direct")]
    assert [words for _, _, words in said] == ["«Мы ожидали 60%,", "Но и 51% – это победа»"]


def test_what_is_said_in_a_relative_clause_is_not_what_the_sentence_says() -> None:
    said = claims("Unlike in Belarus, where Lukashenko claimed 79.65%, the vote was fair, Pamfilova told the BBC.")
    assert [key for key, _, _ in said] == ["ru-pamfilova"]
    assert said[0][2].endswith("the vote was fair")


def test_a_bulletin_with_a_deck_of_lines_is_read_as_a_list() -> None:
    text = (
        "CENTRAL ELECTION COMMISSION OF GEORGIA\nPress release No. 14\nTbilisi, 28 October 2013\n\n"
        "41 - Giorgi Margvelashvili - 62.11%\n5 - Davit Bakradze - 21.73%\n\nTurnout was 46.95%.\n"
    )
    document = read_claims(text)
    assert {c.speaker.id for c in document.claims} == {"ge-cec"}
    figures = [(f.choice or f.metric, f.printed) for c in document.claims for f in c.figures]
    assert figures == [("margvelashvili", "62.11"), ("bakradze", "21.73"), ("turnout", "46.95")]


WIRE = "TIRANA, June 26, 2017 - Albania has voted for a parliament; the Socialist Party leads.\n\n"


@pytest.mark.parametrize(
    ("sentence", "speaker", "form", "words"),
    [
        (
            "The Central Election Commission (CEC) said the vote was free and fair.",
            "al-cec",
            "indirect",
            "the vote was free and fair",
        ),
        (
            "Jane Roe, an Austrian member of a team of observers, said as many as 2 million votes were stolen.",
            "Jane Roe",
            "indirect",
            "as many as 2 million votes were stolen",
        ),
        (
            "Pollster Ann Gray, who had forecast 53 percent for the Socialist Party, left the room.",
            "Ann Gray",
            "indirect",
            "53 percent for the Socialist Party",
        ),
        (
            'Edi Rama defended the vote, calling it "neither new nor unlawful".',
            "al-rama",
            "mixed",
            'it "neither new nor unlawful"',
        ),
        (
            "Lulzim Basha accused the commission of hiding results.",
            "al-basha",
            "indirect",
            "the commission of hiding results",
        ),
        (
            'The ministry dismissed the remarks as "politically motivated" and left.',
            "ministry",
            "mixed",
            'the remarks as "politically motivated"',
        ),
        (
            'A party official who asked not to be named conceded that "we have lost".',
            "party official",
            "direct",
            '"we have lost"',
        ),
    ],
)
def test_attributions_beside_the_plain_verb(sentence: str, speaker: str, form: str, words: str) -> None:
    (claim,) = read_claims(WIRE + sentence).claims
    assert (claim.speaker.key, claim.form, claim.said.removeprefix("that ")) == (speaker, form, words)


@pytest.mark.parametrize(
    "sentence",
    [
        "The polls said the same.",
        "The minister rejected complaints about ballot papers.",
        "Our observers saw boxes near 31 polling stations.",
    ],
)
def test_verbs_that_quote_nothing_claim_nothing(sentence: str) -> None:
    assert read_claims(WIRE + sentence).claims == ()


@pytest.mark.parametrize(
    ("sentence", "speaker", "words"),
    [
        ("В ЦИК России напомнили, что выборы прошли спокойно.", "ru-cec", "что выборы прошли спокойно"),
        ("«Всё законно», – подчеркнули в Центризбиркоме.", "ru-cec", "«Всё законно»"),
        (
            "Кандидат по 207-му округу Вадим Сорокин заявил «Невскому курьеру», что наблюдателей удаляли.",
            "Vadim Sorokin",
            "что наблюдателей удаляли",
        ),
        (
            "Их лидер Иван Белов вечером вышел к сторонникам и заявил, что выборы нечестны.",
            "Ivan Belov",
            "что выборы нечестны",
        ),
        (
            "Движение «Голос» (признано в России иноагентом) заявило, что выборы нечестны.",
            "ru-golos",
            "что выборы нечестны",
        ),
        (
            "Социологи компании «Барометр» ожидали «да» с отрывом в 6 пунктов.",
            "Barometr",
            "«да» с отрывом в 6 пунктов",
        ),
        (
            "Иван Белов, собирающий данные с сайта комиссии, считает выборы нечестными.",
            "Ivan Belov",
            "выборы нечестными",
        ),
        ("Миссия назвала голосование прозрачным.", "Миссия", "голосование прозрачным"),
    ],
)
def test_russian_people_in_bodies_and_addressees(sentence: str, speaker: str, words: str) -> None:
    (claim,) = read_claims(RUSSIAN + sentence).claims
    assert (claim.speaker.key, claim.said) == (speaker, words)


def test_a_denied_mechanism_judges_the_vote_and_alleges_nothing() -> None:
    (denied,) = read_claims(RUSSIAN + "«Никаких вбросов не было», – сказал депутат Али Берг.").claims
    (alleged,) = read_claims(RUSSIAN + "«Вбросы были», – сказал депутат Али Берг.").claims
    assert (denied.type, alleged.type) == ("legitimacy_assessment", "fraud_mechanism")


def test_what_a_poll_gives_is_expected_and_what_a_commission_gives_is_not() -> None:
    poll = "МОСКВА. Выборы президента России 18 марта 2018 года. Экзит-полл фонда «Зеркало» даёт Путину 73,9%."
    (claim,) = read_claims(poll).claims
    assert (claim.type, [f.metric for f in claim.figures]) == ("forecast", ["expected_vote_share"])


def test_a_list_that_a_commission_begins_is_the_commissions() -> None:
    text = "Новости, 18 марта 2018\n\nЦИК обработал 99,43% протоколов. Путин – 76,7%, Грудинин – 11,8%.\n"
    (claim,) = read_claims(text).claims
    assert (claim.speaker.id, [f.value for f in claim.figures]) == ("ru-cec", [76.7, 11.8])


def test_he_behind_a_semicolon_is_the_one_named_before_it() -> None:
    text = (
        "LA PAZ, Oct 22, 2019 - Bolivia voted for a president on Sunday. Evo Morales said he had won.\n\n"
        'Its vice-president, Antonio Costas, has resigned; he called the vote "a sham".'
    )
    assert read_claims(text).claims[-1].speaker.id == "bo-costas"


def test_a_headline_claims_nothing_of_what_goes_on_meanwhile() -> None:
    text = "Belarus Leader Claims Landslide as Protesters Clash With Police\n\nMINSK, Aug 10, 2020 - President "
    text += "Alexander Lukashenko said he had won the election in Belarus with 80.23 percent.\n"
    head = read_claims(text).claims[0]
    assert (head.form, head.said, head.speaker.id) == ("headline", "Landslide", "by-lukashenko")


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (
            "Polls put the Socialist Party at 48 percent; the pollsters apologised.",
            ["the Socialist Party at 48 percent"],
        ),
        (
            "Basha said the vote was not fair, alleging that ballots were stuffed.",
            ["the vote was not fair", "that ballots were stuffed"],
        ),
        (
            "The commission said the Socialist Party had 48 percent; the Democratic Party had 29 percent.",
            ["the Socialist Party had 48 percent; the Democratic Party had 29 percent"],
        ),
    ],
)
def test_a_claim_ends_where_the_text_goes_on_by_itself(sentence: str, words: list[str]) -> None:
    assert [c.said for c in read_claims(WIRE + sentence).claims] == words
