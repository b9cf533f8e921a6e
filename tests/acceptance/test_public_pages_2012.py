"""The public page of the final count of Russia 2012: the official result to the vote, as a reader sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import lxml.html

from made_night import published_of
from tallyscope.ledger.protocols import versions_of
from tallyscope.returns.reading.read import read
from tallyscope.web.language import language
from tallyscope.web.public.invariants import broken
from tallyscope.web.public.pages import page


def test_the_final_page_of_2012_shows_the_official_result_to_the_vote_in_both_languages(shared_data: Path) -> None:
    returns = read(shared_data / "russia-2012-president" / "2012.csv.zip")
    end = datetime(2012, 3, 5, 6, tzinfo=UTC)
    versions = [replace(v, number=i) for i, v in enumerate(versions_of(returns, entered_by="replay", at=end))]
    final = published_of(returns, versions, [(len(versions), end)], leaves=False)
    assert broken(final) == []
    assert len(final.units) == 1 + 85 + 2_746
    official = returns.election.official
    assert official is not None
    for code in ("en", "ru"):
        lang = language(code)
        tree = lxml.html.document_fromstring(page(final, f"{code}/index.html"))
        rows = tree.xpath("//table[@class='results']//tbody/tr")
        shown = {row[0].text_content().strip(): row[1].text_content() for row in rows[:-1]}
        wanted = {lang.choice(c): lang.number(official.votes[c.id]) for c in returns.choices}
        assert shown == wanted
        assert lang.number(official.lines["cast"]) in tree.text_content()
        assert lang.percent(63.60) in tree.text_content()
        assert lang.number(95_415) in tree.text_content()
