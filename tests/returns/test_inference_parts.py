"""The parts of the inference: words, ids of choices, sums, kinds of columns; beside what is slow and obvious."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallyscope.returns.inference.columns import look_at
from tallyscope.returns.inference.figures import Counts
from tallyscope.returns.inference.names import NameScores, score_names
from tallyscope.returns.inference.places import candidate_of, distinct, follows, in_blocks
from tallyscope.returns.inference.slugs import choice_ids, choice_name, slug
from tallyscope.returns.inference.sums import matches, pair_sums, subset_sum, sums_of_runs


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Registered Voters", "registered"),
        ("registered_voters_total", "registered"),
        ("Число избирателей, внесенных в список", "registered"),
        ("Число избирателей, включенных в список избирателей", "registered"),
        ("Kayıtlı Seçmen Sayısı", "registered"),
        ("Wahlberechtigte", "registered"),
        ("zgjedhes", "registered"),
        ("ამომრჩეველთა რაოდენობა", "registered"),
        ("amomrchevelta_raodenoba", "registered"),
        ("totalValidVotes", "valid"),
        ("Число действительных избирательных бюллетеней", "valid"),
        ("Число недействительных избирательных бюллетеней", "invalid"),
        ("Votos Nulos", "invalid"),
        ("Geçersiz Oy", "invalid"),
        ("Geçerli Oy", "valid"),
        ("Ungültige Stimmen", "invalid"),
        ("Gultige Stimmen", "valid"),  # the accents got lost
        ("Głosy nieważne", "invalid"),
        ("Недійсних бюлетенів", "invalid"),
        ("Schede bianche", "blank"),
        ("Votos em branco", "blank"),
        ("Vlaid votes", None),  # the letters of "valid", but not the word
        ("invlaid ballots", "invalid"),  # a slip in a long word
        ("votants", "voted"),
        ("voted_by_12", "voted_by_12"),
        ("Turnout at 17:00", "voted_by_17"),
        ("Явка на 15.00", "voted_by_15"),
        ("votaron 14h", "voted_by_14"),
        ("12 - Giorgi Margvelashvili", None),
        ("c12", None),
        ("Путин Владимир Владимирович", None),
        ("", None),
    ],
)
def test_a_header_is_the_name_of_a_role_in_its_language(header: str, role: str | None) -> None:
    best, likeness = score_names([header])[0].best_role
    assert (best if likeness >= 0.75 else None) == role


@pytest.mark.parametrize(
    ("header", "level"),
    [
        ("Región", "region"),
        ("ТИК", "territory"),
        ("province", "province"),
        ("Bashkia", "municipality"),
        ("ilçe", "district"),
    ],
)
def test_a_header_is_the_name_of_a_level(header: str, level: str) -> None:
    assert score_names([header])[0].best_level == (level, 1.0)


@pytest.mark.parametrize(
    "header", ["УИК", "precinct", "Número Mesa", "sandık no", "qvKod", "Bureau de vote", "№ УИК"]
)
def test_a_header_is_the_name_of_a_station(header: str) -> None:
    assert score_names([header])[0].station >= 0.75


def test_shared_words_beside_the_names_mark_choices() -> None:
    scores = score_names(["votes_psoe", "votes_pp", "registered", "turnout %"])
    assert [s.choice >= 0.75 for s in scores] == [True, True, False, False]
    assert scores[3].percentage


@pytest.mark.parametrize(
    ("headers", "ids"),
    [
        (["12 - Giorgi Margvelashvili", "41 - Davit Bakradze"], ("margvelashvili", "bakradze")),
        (["5 - United National Movement", "10 - Labour"], ("united_national_movement", "labour")),
        (["votes_psoe", "votes_pp"], ("psoe", "pp")),
        (["dem votes", "gop votes"], ("dem", "gop")),
        (["MAS - IPSP", "PAN-BOL", "21F"], ("mas_ipsp", "pan_bol", "21f")),
        (["Путин Владимир Владимирович", "Против всех"], ("putin", "against_all")),
        (["Жириновский Владимир Вольфович", "Глазьев Сергей Юрьевич"], ("zhirinovsky", "glazyev")),
        (["Явлинский Григорий Алексеевич", "Хакамада Ирина Муцуовна"], ("yavlinsky", "khakamada")),
        (['6. Партия "ЕДИНАЯ РОССИЯ"', '5. Партия "Российская партия "ЯБЛОКО""'], ("edinaya_rossiya", "yabloko")),
        (["Evet", "Hayır"], ("yes", "no")),
        (["votes_evet", "votes_hayir"], ("yes", "no")),
        (["c21", "c22"], ("c21", "c22")),
        (["Ivan Petrov", "Petr Petrov"], ("ivan_petrov", "petr_petrov")),
        (["პარტია", "Ελιά", "Łódź"], ("partia", "elia", "lodz")),
        (["?", "!"], ("choice", "choice_2")),
        (["A", "a"], ("a", "a_2")),
    ],
)
def test_ids_of_choices_are_short_latin_and_unique(headers: list[str], ids: tuple[str, ...]) -> None:
    assert choice_ids(headers) == ids


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_ids_are_always_unique_and_plain(headers: list[str]) -> None:
    ids = choice_ids(headers)
    assert len(set(ids)) == len(headers)
    assert all(id and id == slug(id) for id in ids)


def test_the_name_of_a_choice_has_no_ballot_number() -> None:
    assert [choice_name(h) for h in ("12 - A  B", "3. Party", "21F")] == ["A B", "Party", "21F"]


ints = st.integers(0, 3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[ints] * 6), min_size=4, max_size=30))
def test_matches_are_those_that_a_loop_over_all_pairs_finds(rows: list[tuple[int, ...]]) -> None:
    x = np.array(rows, dtype=np.int64)
    totals, sums = x[:, :3], x[:, 3:]
    slow = set()
    for m in range(3):
        for r in range(3):
            told = [(a, b) for a, b in zip(totals[:, m], sums[:, r], strict=True) if a or b]
            # The first look leaves out pairs that are zero in more than six tenths of the rows.
            if len(told) >= 0.4 * len(rows) and told and sum(a == b for a, b in told) >= 0.6 * len(told):
                slow.add((m, r))
    assert {(m, r) for m, r, _ in matches(totals, sums)} == slow


def made(columns: list[np.ndarray]) -> Counts:
    return Counts(tuple(f"c{i}" for i in range(len(columns))), np.asfortranarray(np.stack(columns, axis=1)), None)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 500), parts=st.integers(3, 8), dirty=st.sampled_from([0.0, 0.2, 0.3]))
def test_parts_in_any_order_among_other_columns_are_found(seed: int, parts: int, dirty: float) -> None:
    rng = np.random.default_rng(seed)
    figures = [rng.poisson(rng.uniform(5, 300), 400).astype(np.int64) for _ in range(parts)]
    noise = [rng.poisson(rng.uniform(5, 200), 400).astype(np.int64) for _ in range(3)]
    total = np.sum(figures, axis=0) + np.where(rng.random(400) < dirty, rng.integers(1, 9, 400), 0)
    order = rng.permutation(parts + 3)
    columns = [total, *[[*figures, *noise][i] for i in order]]
    held = subset_sum(made(columns), 0, range(1, len(columns)))
    assert held is not None
    assert set(held.right) == {1 + list(order).index(i) for i in range(parts)}


def test_a_run_is_trimmed_to_the_columns_that_all_rows_need() -> None:
    # A column that is zero in all rows but two cannot be told from none by a sample; by all rows it can.
    rng = np.random.default_rng(2)
    parts = [rng.poisson(50, 30_000).astype(np.int64) for _ in range(3)]
    rare = np.zeros(30_000, dtype=np.int64)
    rare[[7, 29_999]] = 4
    held = sums_of_runs(made([rare, *parts, np.sum(parts, axis=0)]))
    assert [(h.left, h.right, h.holds, h.rows) for h in held] == [((4,), (1, 2, 3), 30_000, 30_000)]


def test_pairs_that_add_up_are_found_and_unknown_cells_do_not_count() -> None:
    rng = np.random.default_rng(3)
    a, b = (rng.poisson(40, 300).astype(np.int64) for _ in range(2))
    known = np.ones((300, 3), dtype=np.bool_)
    known[:50, 2] = False
    counts = Counts(("a", "b", "t"), np.asfortranarray(np.stack([a, b, (a + b) * known[:, 2]], axis=1)), known)
    assert counts.describe(counts.held((2,), (0, 1))) == "t = a + b in 250 of 250 rows"
    assert [(h.left, h.right) for h in pair_sums(made([a, b, a + b]), [0, 1, 2])] == [((2,), (0, 1))]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, 3], "count"),
        (["1", "2", None], "count"),
        (["1 234", "12", "1 000 000"], "count"),
        (["0030", "00301", "12"], "code"),
        ([1.0, 2.0, None], "count"),
        ([12.5, 99.1, 3.0], "decimal"),
        (["12,5", "99,1", "3,0"], "decimal"),
        ([-5, -6, 3], "decimal"),
        (["https://a.b/c", "http://d"], "link"),
        (["2017-04-16T20:22:56", "2017-04-16T18:00:00"], "time"),
        (["УИК №554", "УИК №555"], "text"),
        ([True, False], "flag"),
        ([None, None], "empty"),
    ],
)
def test_the_kind_of_a_column_is_seen_from_its_cells(values: list[object], kind: str) -> None:
    assert look_at(pl.Series("x", values), 0).kind == kind


def test_a_level_follows_from_a_finer_one_and_stands_in_blocks() -> None:
    region = candidate_of(look_at(pl.Series("r", ["A"] * 4 + ["B"] * 4), 0), NameScores())
    town = candidate_of(look_at(pl.Series("t", ["a", "a", "b", "b", "c", "c", "d", "d"]), 1), NameScores())
    kind = candidate_of(look_at(pl.Series("k", ["x", "y"] * 4), 2), NameScores())
    assert (follows(region, town), follows(kind, town), follows(town, region)) == (1.0, 0.0, 0.0)
    assert in_blocks([region, town])
    assert not in_blocks([region, kind])
    assert distinct([region, kind]) == 4
