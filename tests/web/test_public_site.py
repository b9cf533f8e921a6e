"""The files of the site: links lead somewhere, downloads say what the pages say, the record leads to the root."""

from __future__ import annotations

import json
import posixpath
from dataclasses import replace
from hashlib import sha256

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_night import published_of
from tallyscope.tally import tally
from tallyscope.web.public.downloads import download
from tallyscope.web.public.history import changes, history_of
from tallyscope.web.public.pages import NoPage
from tallyscope.web.public.record import BUNDLE, bundle, bundle_path, bundles, roots
from tallyscope.web.public.site import content, last_changed, media_type, paths
from web.made_public import START, accepted, corrected, document, made_night, select, stations_of_made


def test_every_link_of_every_page_leads_to_a_file_of_the_site_without_leaving_it() -> None:
    night = made_night()
    there = set(paths(night))
    for path in there:
        if not path.endswith(".html"):
            continue
        tree = document(night, path) if "/" in path else None
        for target in [] if tree is None else tree.xpath("//a/@href | //link[@rel='stylesheet']/@href"):
            address = target.partition("#")[0]
            assert not address.startswith("/"), (path, target)
            assert not address or posixpath.normpath(posixpath.join(posixpath.dirname(path), address)) in there


def test_every_anchor_of_a_page_is_on_it() -> None:
    night = made_night()
    for path in (p for p in paths(night) if p.startswith("en/")):
        tree = document(night, path)
        assert {t[1:] for t in tree.xpath("//a/@href") if t.startswith("#")} <= set(tree.xpath("//@id"))


@pytest.mark.parametrize(
    "path",
    ["en", "en/", "fr/index.html", "en/u/0.html", "en/u/01.html", "en/u/999999.html", "en/u/-1.html", "en/u/1",
     "en/u/../index.html", "en/missing/99.html", "en/bulletins/0.html", "en/bulletins/4.html", "../../etc/passwd",
     "en/../../etc/passwd", "data/", "data/nothing.csv", "data/bulletins/0.csv", "data/bulletins/x.csv",
     "data/../../secret", "record/1.jsonl", "record/-1.jsonl", "record/00.jsonl", "record/roots", "en/copies.html",
     "en/u/٣.html", "static/app.css", "en/index.html\x00"],
)  # fmt: skip
def test_there_is_nothing_under_a_path_that_is_not_of_the_site(path: str) -> None:
    with pytest.raises(NoPage):
        content(made_night(), path)


def test_a_file_that_no_later_bulletin_has_changed_is_the_same_to_the_byte() -> None:
    night = made_night()
    size = night.bulletins[1].size
    earlier = replace(
        night,
        bulletins=night.bulletins[1:],
        history=night.history.head(size),
        gaps=night.gaps.filter(pl.col("version") < size),
        leaves=night.leaves[:size],
        returns=_as_of(size),
    )
    unchanged = [p for p in paths(earlier) if last_changed(night, p) == last_changed(earlier, p)]
    assert any(p.startswith("en/u/") for p in unchanged)
    for path in unchanged:
        assert content(earlier, path) == content(night, path), path


def _as_of(size: int):
    from made_night import as_of

    return as_of(stations_of_made(), made_night().history, size)


def test_a_file_that_differs_is_never_taken_for_unchanged() -> None:
    night = made_night()
    changed = {p for p in paths(night) if last_changed(night, p) == night.latest.number}
    last = night.history.filter(pl.col("number") >= night.bulletins[1].size)["station"]
    touched = (
        night.stations.filter(pl.col("key").is_in(last.implode())).select(night.returns.levels).unique().rows()
    )
    for unit in night.units:
        if unit.is_lowest:
            assert (f"en/u/{unit.number}.html" in changed) == (unit.path in touched)


def test_results_json_has_the_sums_of_every_unit_and_says_what_shares_are_of() -> None:
    night = made_night()
    found = json.loads(download(night, "data/results.json"))
    row = tally(night.returns).row(0, named=True)
    assert found["shares_of"] == "cast"
    assert len(found["units"]) == len(night.units)
    assert found["units"][0]["figures"] == {c: row[c] for c in night.returns.figures}
    assert found["units"][0]["processed"] == night.progress.processed


def test_stations_csv_has_a_line_a_station_and_nothing_where_nothing_is_known() -> None:
    night = made_night()
    table = pl.read_csv(download(night, "data/stations.csv"))
    assert table.height == len(night.returns)
    assert table["votes_a"].to_list() == night.returns.table["votes_a"].to_list()


def test_openelections_csv_has_its_columns_and_the_votes_of_the_count() -> None:
    night = made_night()
    table = pl.read_csv(download(night, "data/openelections.csv"))
    assert table.columns == ["county", "precinct", "office", "district", "party", "candidate", "votes"]
    sums = dict(table.group_by("candidate").agg(pl.col("votes").sum()).rows())
    row = tally(night.returns).row(0, named=True)
    assert sums == {"Anna A": row["votes_a"], "Boris B": row["votes_b"]}


def test_corrections_csv_has_every_figure_before_and_after() -> None:
    night = made_night()
    table = pl.read_csv(download(night, "data/corrections.csv"))
    (change,) = night.corrections
    assert set(table["figure"]) == change.figures.keys()
    assert list(zip(table["before"], table["after"], strict=True)) == list(change.figures.values())


def _folded(hashes: list[bytes]) -> bytes:
    """How a reader comes from the roots of the files to the root of the record: neighbours, level by level."""
    while len(hashes) > 1:
        pairs = [sha256(b"\x01" + a + b).digest() for a, b in zip(hashes[::2], hashes[1::2], strict=False)]
        hashes = pairs + hashes[len(hashes) // 2 * 2 :]
    return hashes[0]


@given(st.integers(1, 1100))
def test_the_roots_of_the_files_of_the_record_lead_to_its_root(count: int) -> None:
    leaves = [str(i).encode() for i in range(count)]
    hashes = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    assert _folded(roots(leaves)) == _folded(hashes)


def test_a_protocol_on_a_page_is_in_the_file_of_the_record_that_the_page_links_to() -> None:
    night = made_night()
    (change,) = night.corrections
    lines = bundle(night.leaves, 0).splitlines()
    found = json.loads(lines[change.number])
    assert bundle_path(change.number) == "record/0.jsonl"
    assert (found["station"], found["reason"]) == (change.station, change.reason)
    assert bundles(night.leaves) == -(-len(night.leaves) // BUNDLE)
    listed = [bytes.fromhex(text) for text in download(night, "record/roots.txt").decode().split()]
    assert _folded(listed).hex() == night.latest.root


def test_a_correction_of_a_correction_is_two_changes_each_with_what_it_changed() -> None:
    returns = stations_of_made()
    first = accepted(returns, [10])[0]
    second = corrected(first, 1, "typing", votes_a=1)
    third = corrected(second, 2, "typing again", votes_a=2, votes_b=3)
    history, _gaps = history_of([first, second, third], returns.election)
    newest, older = changes(history)
    assert (newest.figures["votes_a"], newest.supersedes) == ((1, 2), 1)
    assert older.figures == {"votes_a": (first.figures["votes_a"], 1)}


def test_every_kind_of_file_has_its_media_type() -> None:
    assert {media_type(p) for p in paths(made_night())} == {
        "text/html; charset=utf-8",
        "text/css; charset=utf-8",
        "text/csv; charset=utf-8",
        "application/json",
        "application/jsonl; charset=utf-8",
        "text/plain; charset=utf-8",
    }


def test_a_count_without_commissions_has_its_protocols_on_the_first_page() -> None:
    made = stations_of_made()
    table = made.table.drop("region", "territory")
    flat = replace(made, table=table)
    rows = [i for i in range(20) if table["status"][i] != "empty"]
    versions = accepted(flat, rows)
    fixed = corrected(versions[0], len(versions), "typing", votes_a=1)
    night = published_of(flat, [*versions, fixed], [(len(versions) + 1, START)])
    tree = document(night, "en/index.html")
    (protocols,) = select(tree, "table.protocols")
    assert len(select(select(protocols, "tr")[0], "th")) == len(flat) + 1
    assert "typing" in tree.text_content()
    names = select(document(night, "en/missing.html"), "dl.groups dd")[0].text_content().split(", ")
    assert len(names) == flat.table.filter(pl.col("kind") == "station").height - len(rows)
    assert {p for p in paths(night) if "/u/" in p} == set()
