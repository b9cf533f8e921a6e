"""Nights that went wrong elsewhere (PROTOCOLS.md), and what the public page does about each."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from made_night import as_of, published_of
from tallyscope.election.roles import votes_column
from tallyscope.ledger.protocols import versions_of
from tallyscope.returns.build import build_returns
from tallyscope.returns.table import Returns
from tallyscope.tally import tally
from tallyscope.tally.outcome import counted_and_out
from tallyscope.web.public.downloads import download
from tallyscope.web.public.invariants import Inconsistent, broken, held
from tallyscope.web.public.pages import page_paths
from tallyscope.web.public.published import Published
from web.made_public import START, accepted, corrected, document, made_night, numbers, select, stations_of_made

CODES = ("en", "ru")


def share_tables(published: Published) -> list[tuple[str, list[float], list[float]]]:
    """Path, votes and shares of the results table of every English page that has one."""
    found = []
    for path in page_paths(published):
        if not path.startswith("en/") or not (
            path.startswith("en/u/") or path in ("en/index.html", "en/screen.html")
        ):
            continue
        rows = select(document(published, path), "table.results tbody tr")
        cells = [select(row, "td") for row in rows]
        if any("–" in cell.text_content() for row in cells for cell in row):
            continue
        found.append((path, numbers([row[0] for row in cells]), numbers([row[1] for row in cells])))
    return found


def test_kyrgyzstan_2021_no_share_on_a_rendered_page_is_over_100_and_with_the_invalid_ones_they_are_the_whole() -> (
    None
):
    tables = share_tables(made_night())
    assert len(tables) > 15
    for path, _votes, shares in tables:
        assert all(0 <= share <= 100 for share in shares), path
        # Three figures rounded to a hundredth of a point are off by 0.015 at most.
        assert sum(shares) == pytest.approx(100, abs=0.015), path


def test_kyrgyzstan_2021_a_share_on_the_page_is_its_votes_by_the_ballots_on_the_same_page() -> None:
    for path, votes, shares in share_tables(made_night()):
        for count, share in zip(votes, shares, strict=True):
            assert share == pytest.approx(100 * count / sum(votes), abs=0.0051), path


def test_kyrgyzstan_2021_figures_that_make_a_share_of_150_percent_are_not_shown() -> None:
    night = made_night()
    inflated = night.returns.table.with_columns(pl.col("votes_a") * 4)
    wrong = replace(night, returns=replace(night.returns, table=inflated))
    with pytest.raises(Inconsistent, match="a share is not between 0 and 100 %"):
        held(wrong)


def test_kyrgyzstan_2021_a_turnout_over_100_percent_is_real_and_is_explained() -> None:
    night = made_night()
    assert "A turnout over 100 %" not in document(night, "en/index.html").text_content()
    small = night.returns.table.with_columns(pl.col("registered") // 3)
    over = replace(night, returns=replace(night.returns, table=small))
    assert held(over)
    assert "A turnout over 100 %:" in document(over, "en/index.html").text_content()


def test_kenya_2017_more_forms_than_stations_are_not_shown() -> None:
    night = made_night()
    twice = pl.concat([night.returns.table, night.returns.table.head(1)])
    doubled = replace(night, returns=replace(night.returns, table=twice))
    assert "A station stands in the count more than once." in broken(doubled)


@pytest.mark.parametrize("code", CODES)
def test_kenya_2022_the_page_has_the_totals_and_the_list_of_missing_stations(code: str) -> None:
    night = made_night()
    row = tally(night.returns).row(0, named=True)
    shown = document(night, f"{code}/index.html").text_content().replace("\u202f", ",")
    assert f"{row['votes_a']:,}" in shown
    assert f"{row['votes_b']:,}" in shown
    missing = night.returns.table.filter(pl.col("status") == "empty", pl.col("kind") == "station")
    listed = []
    for unit in night.units[0].children:
        listed += select(document(night, f"{code}/missing/{unit}.html"), "dl.groups dd")
    names = [name for cell in listed for name in cell.text_content().split(", ")]
    assert sorted(names) == sorted(missing["station"].to_list())
    assert download(night, "data/missing.csv").decode().count("\n") == missing.height + 1


def test_kenya_2022_every_protocol_that_is_in_is_on_a_page_with_every_line() -> None:
    night = made_night()
    for unit in (u for u in night.units if u.is_lowest):
        table = select(document(night, f"en/u/{unit.number}.html"), "table.protocols")[0]
        heads = [cell.text_content() for cell in select(select(table, "thead tr")[0], "th")[1:]]
        assert heads == night.below(unit)["station"].to_list()
        for line in select(table, "tbody tr"):
            assert len(select(line, "td")) == len(heads)


def by_size() -> Published:
    """A night in which the small stations came in first, as in Honduras; the large ones vote otherwise."""
    n = 400
    registered = np.r_[np.full(n // 2, 300), np.full(n // 2, 2_500)]
    for_a = np.r_[np.full(n // 2, 130), np.full(n // 2, 700)]
    figures = {"registered": registered, "issued": registered * 6 // 10, "invalid": np.zeros(n, dtype=np.int64)}
    names = {"region": ["One"] * n, "station": [str(i) for i in range(n)]}
    made = stations_of_made()
    valid = figures["issued"]
    table = pl.DataFrame({**names, **figures, "valid": valid, "votes_a": for_a, "votes_b": valid - for_a})
    returns = build_returns(table, made.election, levels=("region",))
    versions = accepted(returns, range(n))
    return published_of(returns, versions[:200], [(100, START), (200, START + timedelta(hours=2))])


def test_honduras_2017_the_first_page_says_which_kinds_of_station_are_in() -> None:
    night = by_size()
    heading = next(h for h in select(document(night, "en/index.html"), "h2") if h.text == "Which stations are in")
    rows = [[cell.text_content() for cell in row] for row in select(heading.getnext(), "tbody tr")]
    assert rows[0][:3] == ["100–499", "200 of 200", "100.00\u202f%"]
    assert rows[1][:3] == ["2,000–2,999", "0 of 200", "0.00\u202f%"]
    assert set(rows[1][3:]) == {"–"}, "nothing is known of those that are out, which is not zero"


def test_honduras_2017_what_is_not_known_is_said_with_the_voters_that_are_out() -> None:
    text = document(by_size(), "en/index.html").text_content()
    assert "There are 500,000 voters on their lists." in text
    assert "The first stations in are never a sample of the country." in text


@pytest.mark.parametrize("code", CODES)
def test_bolivia_2019_what_the_late_units_can_still_do_to_every_share_is_said(code: str) -> None:
    night = by_size()
    nation = night.units[0].figures
    out = counted_and_out(night.returns, "cast")[1]
    assert out.most == 500_000
    items = [item.text_content() for item in select(document(night, f"{code}/index.html"), "ul.between li")]
    told = {item.split(":")[0]: re.findall(r"[0-9]+[.,][0-9]{2}", item) for item in items}
    assert len(told) == len(night.returns.choices)
    for choice in night.returns.choices:
        votes, whole = nation[votes_column(choice.id)], nation["cast"] + 500_000
        low, high = (float(text.replace(",", ".")) for text in told[choice.name])
        assert 0 <= 100 * votes / whole - low < 0.01
        assert 0 <= high - 100 * (votes + 500_000) / whole < 0.01


def test_bolivia_2019_no_bounds_are_told_where_nobody_knows_how_many_ballots_are_out() -> None:
    assert select(document(made_night(), "en/index.html"), "ul.between li") == []


def test_honduras_2017_every_protocol_has_the_time_at_which_it_came_in() -> None:
    night = made_night()
    versions = pl.read_csv(download(night, "data/versions.csv"))
    assert versions["number"].to_list() == sorted(versions["number"].to_list())
    assert versions["at"].to_list() == sorted(versions["at"].to_list())
    first = next(u for u in night.units if u.is_lowest)
    came = select(select(document(night, f"en/u/{first.number}.html"), "table.protocols thead tr")[1], "td")
    known = [cell.text_content() for cell in came]
    assert all(text == "not yet" or text.startswith(("1 Mar, ", "2 Mar, ")) for text in known)


def test_honduras_2017_the_first_page_says_when_the_last_protocol_came_in() -> None:
    text = document(made_night(), "en/index.html").text_content()
    assert "The last protocol came in on 1 March 2020, 22:10 UTC." in text


def late_region() -> tuple[Returns, int]:
    """Primorye, 16 September 2018: 1,484 of 1,550 stations stood still, then the lead changed with the rest."""
    stations, frozen = 1_550, 1_484
    late = np.arange(stations) >= frozen
    cast = np.full(stations, 300)
    for_b = np.where(late, 295, 147)
    made = stations_of_made()
    table = pl.DataFrame(
        {
            "region": np.where(late, "Last", "First"),
            "station": [str(i + 1) for i in range(stations)],
            "registered": cast * 2,
            "issued": cast,
            "invalid": np.zeros(stations, dtype=np.int64),
            "valid": cast,
            "votes_a": cast - for_b,
            "votes_b": for_b,
        }
    )
    return build_returns(table, made.election, levels=("region",)), frozen


def test_primorye_2018_every_bulletin_is_kept_and_the_difference_of_two_is_the_list_of_their_protocols() -> None:
    returns, frozen = late_region()
    versions = accepted(returns, range(len(returns)))
    stops = [(frozen, START + timedelta(hours=5)), (len(versions), START + timedelta(hours=12))]
    night = published_of(returns, versions, stops)
    rows = select(document(night, "en/bulletins.html"), "tbody tr")
    assert [select(row, "td")[1].text_content() for row in rows] == ["1,550 of 1,550", "1,484 of 1,550"]
    leads = [[cell.text_content() for cell in select(row, "td")[3:5]] for row in rows]
    assert leads[0] != leads[1]
    added = document(night, "en/bulletins/2.html")
    names = select(added, "dl.groups dd")[0].text_content().split(", ")
    assert names == returns.table["station"][frozen:].to_list()
    votes = {select(row, "th")[0].text_content(): select(row, "td")[0].text_content()
             for row in select(added, "table.added tbody tr")}  # fmt: skip
    late = returns.table[frozen:]
    assert votes == {"Anna A": f"+{late['votes_a'].sum():,}", "Boris B": f"+{late['votes_b'].sum():,}"}
    listed = pl.read_csv(download(night, "data/bulletins/2.csv"))
    assert listed.height == len(returns) - frozen


def test_primorye_2018_the_votes_added_by_all_bulletins_are_the_votes_of_the_count() -> None:
    night = made_night()
    sums: dict[str, float] = {}
    for head in night.bulletins:
        for row in select(document(night, f"en/bulletins/{head.number}.html"), "table.added tbody tr"):
            (votes,) = numbers(select(row, "td"), lambda text: float(text.replace("\u2212", "-")))
            name = select(row, "th")[0].text_content()
            sums[name] = sums.get(name, 0) + votes
    row = tally(night.returns).row(0, named=True)
    assert sums == {c.name: row[votes_column(c.id)] for c in night.returns.choices}


def test_primorye_2018_a_correction_keeps_both_figures_with_time_and_reason() -> None:
    night = made_night()
    (change,) = night.corrections
    shown = document(night, "en/corrections.html")
    row = select(shown, "table.corrections tbody tr")[0].text_content()
    assert "lines 5 and 6 were mixed up" in row
    assert "1 March 2020, 21:20 UTC" in row
    for before, after in change.figures.values():
        assert f"{before:,} → {after:,}" in row


def test_indonesia_2024_an_annulled_result_is_shown_and_in_no_sum() -> None:
    night = made_night()
    first = versions_of(night.returns, [5], entered_by="c", at=START)[0]
    number = int(night.history.filter(pl.col("station") == first.station)["number"][0])
    returns = stations_of_made()
    versions = accepted(returns, [i for i in range(len(returns)) if returns.table["status"][i] != "empty"][:50])
    annulled = replace(corrected(versions[number], 50, "court decision"), stage="annulled")
    stops = [(50, START + timedelta(hours=1)), (51, START + timedelta(hours=2))]
    after = published_of(returns, [*versions, annulled], stops)
    assert broken(after) == []
    gone = select(document(after, "en/bulletins/2.html"), "table.added tbody td")
    assert all(cell.text_content().startswith(("\u2212", "0")) for cell in gone)
    assert "court decision" in document(after, "en/corrections.html").text_content()
    assert "Annulled by decision" in document(after, "en/corrections.html").text_content()
    listed = stations_of_made().table.filter(pl.col("kind") == "station").height
    still = document(after, "en/missing.html").text_content()
    assert f"{listed - 50} of {listed} protocols have not come in." in still, "what was annulled has come in"


def test_apollo_a_share_of_no_ballots_is_a_dash_and_not_zero() -> None:
    returns = stations_of_made()
    zero = returns.table.with_row_index().filter(pl.col("status") == "zero")["index"].to_list()
    night = published_of(returns, accepted(returns, zero), [(len(zero), START + timedelta(hours=1))])
    cells = select(document(night, "en/index.html"), "table.results td.share")
    assert [cell.text_content() for cell in cells] == ["–"] * len(cells)


def test_the_pages_of_a_bulletin_are_those_of_the_returns_as_they_stood() -> None:
    night = made_night()
    assert as_of(stations_of_made(), night.history, night.latest.size).table.equals(night.returns.table)
