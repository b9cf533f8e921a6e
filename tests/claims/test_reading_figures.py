"""Figures as texts write them: which number, whose share, of what, and how much had been counted."""

from __future__ import annotations

import pytest

from tallyscope.claims.claim import Span
from tallyscope.claims.reading import read_claims
from tallyscope.claims.reading.figures import Choices, Measures, measures_in
from tallyscope.claims.reading.lexicon import language_of, lexicon
from tallyscope.claims.reading.linking import choices_in
from tallyscope.claims.reading.placed import Placed
from tallyscope.claims.reading.read import _named
from tallyscope.election.contests import contests

(RUSSIA,) = [c for c in contests() if c.id == "RU-PRES-2018"]


def measured(text: str) -> Measures:
    choices = Choices(Placed(choices_in(text, _named(text), RUSSIA)), "cast")
    return measures_in(text, [Span(0, len(text))], lexicon(language_of(text)), choices)


def figures(text: str) -> list[tuple[str | None, str, float | None, float | None, float | None, int]]:
    return [(f.choice, f.comparator, f.value, f.minimum, f.maximum, f.decimals) for f in measured(text).figures]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Putin has 76.67 percent", [("putin", "=", 76.67, None, None, 2)]),
        ("Putin has 76,67 %", [("putin", "=", 76.67, None, None, 2)]),
        ("over 76% for Putin", [("putin", ">", 76.0, None, None, 0)]),
        ("Putin won at least 70 per cent", [("putin", ">=", 70.0, None, None, 0)]),
        ("Putin will get 57-59%", [("putin", "range", None, 57.0, 59.0, 0)]),
        ("Putin will get 57–59 percent", [("putin", "range", None, 57.0, 59.0, 0)]),
        ("between 69 and 73 percent for Putin", [("putin", "range", None, 69.0, 73.0, 0)]),
        ("Путин получит от 51 до 53%", [("putin", "range", None, 51.0, 53.0, 0)]),
        ("У Путина 76,65% голосов", [("putin", "=", 76.65, None, None, 2)]),
        ("Собчак меньше 2%", [("sobchak", "<", 2.0, None, None, 0)]),
        ("за Путина не меньше 15 процентов", [("putin", ">=", 15.0, None, None, 0)]),
        ("Putin won more than half of the vote", [("putin", ">", 50.0, None, None, 0)]),
        ("Путин получил две трети голосов", [("putin", "~", 66.667, None, None, 1)]),
        ("Seventy percent for Putin", [("putin", "=", 70.0, None, None, 0)]),
        ("Путин – 0,97 проц.", [("putin", "=", 0.97, None, None, 2)]),
        ("Putin has 27.1, they say", [("putin", "=", 27.1, None, None, 1)]),
        (
            "80.2 percent for Vladimir Putin and 9.9 percent for Pavel Grudinin",
            [("putin", "=", 80.2, None, None, 1), ("grudinin", "=", 9.9, None, None, 1)],
        ),
        ("53 percent for Putin, plus or minus 2 points", [("putin", "=", 53.0, None, None, 0)]),
        ("Putin is up 3 percentage points", []),
        ("a quarter of a century", []),
        (
            "Putin led Pavel Grudinin by 76.7 percent to 11.8 percent",
            [("grudinin", "=", 76.7, None, None, 1), ("grudinin", "=", 11.8, None, None, 1)],
        ),
        ("за Путина процентов семьдесят пять", [("putin", "~", 75.0, None, None, 0)]),
        ("У Путина с восьмьюдесятью процентами", [("putin", "=", 80.0, None, None, 0)]),
        ("Я ждал у Путина около семидесяти.", [("putin", "~", 70.0, None, None, 0)]),
        ("У Путина три с половиной процента", [("putin", "=", 3.5, None, None, 1)]),
        ("Putin got two and a half percent", [("putin", "=", 2.5, None, None, 1)]),
        ("За Путина около двадцати наблюдателей", []),
        ("Putin is at 70 to 72 percent", [("putin", "range", None, 70.0, 72.0, 0)]),
        ("Putin needs the 5 percent threshold", []),
    ],
)
def test_a_share_is_read_with_its_owner_comparator_and_decimals(text: str, found: list[tuple[object, ...]]) -> None:
    assert figures(text) == found


def test_turnout_and_invalid_ballots_are_nobodys_shares() -> None:
    metrics = [
        (f.metric, f.of_resolved, f.choice) for f in measured("Putin has 76%. Turnout was 67.4 percent").figures
    ]
    assert metrics == [("vote_share", "cast", "putin"), ("turnout", "registered", None)]


def test_numbers_of_votes_are_votes() -> None:
    (figure,) = measured("Putin received 56.4 million votes").figures
    assert (figure.metric, figure.value, figure.choice) == ("votes", 56_400_000.0, "putin")
    (figure,) = measured("Путин получил 56 430 712 голосов").figures
    assert figure.value == 56_430_712.0


def test_a_change_of_turnout_has_two_figures_and_no_range() -> None:
    found = measured("Turnout rose from 65.3% to 67.5%").figures
    assert [(f.metric, f.value) for f in found] == [("turnout", 65.3), ("turnout", 67.5)]


def test_a_list_of_a_station_tells_votes_without_a_word_for_them() -> None:
    found = measured("Путин 1561, Грудинин – 552").figures
    assert [(f.metric, f.choice, f.value) for f in found] == [("votes", "putin", 1561), ("votes", "grudinin", 552)]
    # A year behind a name is none, and one number alone may be anything.
    assert measured("Путин 2018, Грудинин").figures == ()
    assert measured("Putin, 65, said so").figures == ()


@pytest.mark.parametrize(
    ("text", "metric", "value", "unit", "choice"),
    [
        ("Putin was ahead by 12.4 points", "margin", 12.4, "points", "putin"),
        ("Putin has a lead of some 20 percentage points", "margin", 20, "points", "putin"),
        ("У Путина отрыв в 65 п.п.", "margin", 65, "points", "putin"),
        ("Putin had 1.25 million more votes", "margin", 1_250_000, "votes", "putin"),
        ("У Путина отставание в 200 голосов", "margin", 200, "votes", "putin"),
        ("Явка на четыре пункта выше", "other", 4, "points", None),
        ("Some 1.5 million papers carry no stamp", "other", 1_500_000, "votes", None),
        ("до двух с половиной миллионов бюллетеней без печати", "other", 2_500_000, "votes", None),
        ("число аномальных голосов в 22 миллиона", "other", 22_000_000, "votes", None),
        ("the sheets would have to favour Putin by some 25 points", "margin", 25, "points", "putin"),
        ("Putin led Grudinin by a little over seven points", "margin", 7, "points", "grudinin"),
        ("Turnout was high: 1,657,236 voters", "other", 1_657_236, "people", None),
    ],
)
def test_leads_and_counts_are_figures_of_their_own(
    text: str, metric: str, value: float, unit: str, choice: str | None
) -> None:
    (figure,) = measured(text).figures
    assert (figure.metric, figure.value, figure.unit, figure.choice) == (metric, value, unit, choice)


@pytest.mark.parametrize(
    "text", ["53 percent for Putin, plus or minus 2 points", "the network deployed 2,000 people", "Путин, 3 пункта"]
)
def test_a_margin_of_error_and_people_who_did_not_vote_are_no_counts(text: str) -> None:
    assert not [f for f in measured(text).figures if f.unit != "percent"]


@pytest.mark.parametrize(
    ("text", "printed", "of"),
    [
        ("protocols from 3,612 of 3,655 precincts have been entered: Putin 62%", "98.82", "precincts"),
        ("results from 3,312 out of the 5,362 counting tables gave Putin 49 percent", "61.77", "counting tables"),
        ("обработано 94 500 из 95 415 протоколов, у Путина 63,7%", "99.041", "протоколов"),
        ("обработаны данные 88 из 120 участков, у Путина 63,7%", "73.33", "участков"),
        ("Putin led with 83.85 percent in", "83.85", None),
        ("With 90.3% counted the ministry has Putin on 76.8%", "90.3", None),
    ],
)
def test_progress_in_other_units(text: str, printed: str, of: str | None) -> None:
    found = measured(text).progress
    assert found is not None
    assert (found.printed, found.of_as_written, found.of_resolved) == (printed, of, "protocols")


def test_so_many_of_so_many_seats_is_no_progress() -> None:
    assert measured("Putin's list won 123 of the 350 seats").progress is None
    assert measured("violations at 31 of 200 polling stations").progress is None


@pytest.mark.parametrize(
    ("text", "value", "written"),
    [
        ("after processing 99.72% of ballots, Putin has 76%", 99.72, "ballots"),
        ("With 99.45 percent of ballot boxes opened, Putin has 76%", 99.45, "ballot boxes"),
        ("Putin has 76% with 97.3 per cent of precincts reporting", 97.3, "precincts"),
        ("после обработки 95,71% протоколов Путин набирает 76%", 95.71, "протоколов"),
        ("обработано 99,75% протоколов, у Путина 76,65% голосов", 99.75, "протоколов"),
        ("Путин набирает 76,67% голосов после обработки 99,84% протоколов", 99.84, "протоколов"),
    ],
)
def test_progress_is_of_protocols_with_the_reason(text: str, value: float, written: str) -> None:
    found = measured(text)
    assert found.progress is not None
    assert (found.progress.value, found.progress.of_as_written) == (value, written)
    assert found.progress.of_resolved == "protocols"
    assert found.progress.reason
    assert len(found.figures) == 1


@pytest.mark.parametrize(
    ("text", "written", "resolved"),
    [
        ("Putin has 76% of the vote", "the vote", "cast"),
        ("Putin has 76% of valid votes", "valid votes", "valid"),
        ("Putin has 50% of registered voters", "registered voters", "registered"),
        ("Putin has 76%", None, "cast"),
    ],
)
def test_a_denominator_is_as_written_and_as_the_law_has_it(text: str, written: str | None, resolved: str) -> None:
    (figure,) = measured(text).figures
    assert (figure.of_as_written, figure.of_resolved) == (written, resolved)
    assert figure.of_reason


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("Три четверти страны за президента!", "putin"),
        ("75% were for the incumbent", "putin"),
        ("У победителя 76,7%", "putin"),
        # Nobody is named by the office that is voted for.
        ("76% took part in the election of the president", None),
    ],
)
def test_a_share_of_whoever_holds_the_office_is_the_candidates(text: str, choice: str | None) -> None:
    assert [f.choice for f in measured(text).figures] == [choice]


def test_the_party_in_power_is_that_of_the_head_of_government() -> None:
    by_id = {c.id: c for c in contests()}
    told = {
        "RU-DUMA-2011": ("партии власти 48,5%", "united_russia"),
        "GE-PARL-2016": ("the ruling party has 48.6 percent", "georgian_dream"),
        "AL-PARL-2017": ("the ruling party has 48.3 percent", "ps"),
        "ES-CONG-2019-04": ("the ruling party has 28.7 percent", "psoe"),
    }
    for id, (text, choice) in told.items():
        assert [m.choice for m in choices_in(text, _named(text), by_id[id])] == [choice]


def test_a_post_does_not_go_on_with_whom_another_named() -> None:
    head = "@a_watcher · 19 мар. 2018\nВыборы президента России. Путин 76,7%, у Жириновского 5,66%\n\n"
    text = head + "@another_one · 19 мар. 2018\nНабрал 75% голосов, а явка так себе."
    document = read_claims(text, name="posts.txt")
    last = document.claims[-1].figures[0]
    assert (last.value, last.choice) == (75.0, None)


def test_a_share_is_not_that_of_whom_the_next_clause_names() -> None:
    found = measured("28,7% и 123 мандата, у Путина 16,7%").figures
    assert [(f.value, f.choice) for f in found] == [(28.7, None), (16.7, "putin")]
    assert [(f.value, f.choice) for f in measured("76.7 percent for Putin").figures] == [(76.7, "putin")]
