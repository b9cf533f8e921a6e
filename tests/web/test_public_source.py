"""From a database to the pages: what was signed is what is shown, on SQLite and on PostgreSQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from made_count import KEY, ORIGIN, corrected, good_returns, odd_night, opened, protocols
from made_service import Made
from tallyscope.cli.app import app
from tallyscope.ledger.bulletins import difference
from tallyscope.ledger.bulletins import publish as release
from tallyscope.ledger.checkpoint import Checkpoint, signed_checkpoint
from tallyscope.ledger.core import merkle
from tallyscope.ledger.export import verify_export
from tallyscope.ledger.note import new_signer
from tallyscope.ledger.store import Ledger
from tallyscope.ledger.verifying.nodes import Tree
from tallyscope.ledger.words import percent_text
from tallyscope.web.language import language
from tallyscope.web.public import source as room
from tallyscope.web.public.export import publish as export
from tallyscope.web.public.invariants import Inconsistent
from tallyscope.web.public.pages import NoPage, page, page_paths
from tallyscope.web.public.record import BUNDLE, bundle, bundles
from tallyscope.web.public.site import content, paths
from tallyscope.web.public.source import LedgerBulletins
from web.made_public import document, numbers, select

AT = datetime(2020, 3, 1, 18, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with opened(f"sqlite:///{tmp_path}/count.db", good_returns()) as made:
        yield made


def three_bulletins(ledger: Ledger) -> None:
    """20 protocols; 20 more and a correction; the rest, a copy, and one that is annulled."""
    all_of_them = protocols(good_returns())
    first = ledger.accept(all_of_them[:20], at=AT)
    release(ledger, KEY, by="commission", at=AT + timedelta(minutes=10))
    ledger.accept([*all_of_them[20:40], corrected(first[3])], at=AT + timedelta(minutes=20))
    release(ledger, KEY, by="commission", at=AT + timedelta(minutes=30))
    copy = replace(first[5], source="observer", number=None, figures={**first[5].figures, "votes_a": 1})
    annulled = replace(first[7], stage="annulled", reason="court", supersedes=first[7].number, number=None)
    ledger.accept([*all_of_them[40:], copy, annulled], at=AT + timedelta(minutes=40))
    release(ledger, KEY, by="commission", at=AT + timedelta(minutes=50))


def test_the_pages_of_a_count_are_those_of_its_newest_bulletin(tmp_path: Path, database_url: str) -> None:
    with opened(database_url, good_returns()) as ledger:
        three_bulletins(ledger)
        source = LedgerBulletins(ledger)
        assert source.newest() == 3
        night = source.load(3)
        assert [head.number for head in night.bulletins] == [3, 2, 1]
        assert night.returns.table.equals(ledger.returns().table)
        assert [bytes(leaf) for leaf in night.leaves] == [v.leaf() for v in ledger.versions()]
        for path in paths(night):
            assert content(night, path)
        assert night.latest.checkpoint.split("\n")[0] == "example.org/count"
        assert "court" in page(night, "en/corrections.html")
        assert select(document(night, "en/copies.html"), "table.tree")


def test_the_pages_of_an_earlier_bulletin_are_those_it_had_when_it_was_the_newest(ledger: Ledger) -> None:
    all_of_them = protocols(good_returns())
    first = ledger.accept(all_of_them[:20], at=AT)
    release(ledger, KEY, by="commission", at=AT + timedelta(minutes=10))
    source = LedgerBulletins(ledger)
    then = {path: content(source.load(1), path) for path in paths(source.load(1))}
    ledger.accept([*all_of_them[20:], corrected(first[3])], at=AT + timedelta(minutes=20))
    release(ledger, KEY, by="commission", at=AT + timedelta(minutes=30))
    for again in (source, LedgerBulletins(ledger)):
        again.load(2)
        night = again.load(1)
        assert {path: content(night, path) for path in paths(night)} == then


def test_what_a_bulletin_added_on_the_page_is_the_difference_that_the_record_tells(ledger: Ledger) -> None:
    three_bulletins(ledger)
    night = LedgerBulletins(ledger).load(3)
    for number in (1, 2, 3):
        told = difference(ledger, number - 1, number).sums().row(0, named=True)
        tree = document(night, f"en/bulletins/{number}.html")
        (table,) = select(tree, "table.added")
        shown = {
            select(row, "th")[0].text_content(): numbers(
                select(row, "td"), lambda t: float(t.replace("\u2212", "-"))
            )
            for row in select(table, "tbody tr")
        }
        assert shown == {"Anna A": [told["votes_a"]], "Boris B": [told["votes_b"]]}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_to_protocols_pages_and_bulletin_agree(tmp_path: Path, seed: int) -> None:
    with opened(f"sqlite:///{tmp_path}/count.db", good_returns()) as ledger:
        odd_night(ledger, good_returns(), seed)
        release(ledger, KEY, by="commission")
        night = LedgerBulletins(ledger).load(1)
        assert all(page(night, path) for path in page_paths(night))


def test_a_bulletin_that_says_something_else_than_the_returns_is_not_shown(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_bulletins(ledger)
    real = room.bulletin

    def altered(of: Ledger, number: int) -> Any:
        found = real(of, number)
        units = found.body["units"]
        at = units["columns"].index("votes_a")
        rows = [[v + 1 if i == at and v is not None else v for i, v in enumerate(r)] for r in units["rows"]]
        return replace(found, body={**found.body, "units": {**units, "rows": rows}})

    monkeypatch.setattr(room, "bulletin", altered)
    with pytest.raises(Inconsistent, match=r"votes_a is .* in the returns and .* in bulletin 3"):
        LedgerBulletins(ledger).load(3)


@given(st.integers(0, 10**8), st.integers(1, 10**8))
def test_a_page_rounds_as_the_bulletin_does(part: int, more: int) -> None:
    whole = part + more
    shown = np.float64(100 * part) / np.float64(whole)
    assert language("en").decimals(shown, 2) == percent_text(part, whole)


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(1, 800, "0.13"), (107, 4000, "2.68"), (1, 3, "33.33"), (0, 5, "0.00")]
)
def test_halves_round_up_on_the_page(part: int, whole: int, text: str) -> None:
    frame = pl.DataFrame({"p": [part], "w": [whole]}).select(100 * pl.col("p") / pl.col("w"))
    assert language("en").decimals(frame.item(), 2) == text == percent_text(part, whole)


def test_count_publish_writes_the_newest_bulletin_and_then_only_what_changes(
    ledger: Ledger, tmp_path: Path
) -> None:
    url, site = str(ledger.engine.url), tmp_path / "site"
    run = CliRunner()
    empty = run.invoke(app, ["count", "publish", str(site), "--database", url])
    assert empty.exit_code == 2
    assert "nothing was published yet" in empty.output
    assert not site.exists()
    three_bulletins(ledger)
    first = run.invoke(app, ["count", "publish", str(site), "--database", url])
    assert first.exit_code == 0, first.output
    assert "Bulletin 3" in first.output
    assert (site / "en" / "index.html").read_bytes() == content(LedgerBulletins(ledger).load(3), "en/index.html")
    again = run.invoke(app, ["count", "publish", str(site), "--database", url])
    assert "0 files written" in again.output


def test_count_publish_refuses_a_folder_of_somebody_else(ledger: Ledger, tmp_path: Path) -> None:
    three_bulletins(ledger)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    refused = CliRunner().invoke(
        app, ["count", "publish", str(tmp_path / "thesis"), "--database", str(ledger.engine.url)]
    )
    assert refused.exit_code == 2
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "mine"


def test_the_service_shows_the_count_that_it_keeps_to_everybody(made: Made) -> None:
    client = made.browser().client
    assert "No bulletin yet" in client.get("/en/index.html").text
    release(made.ledger, new_signer(made.ledger.origin), by="commission", at=AT)
    assert "No bulletin yet" in client.get("/en/index.html").text, "it looks every two seconds"
    made.app.state.public_site = None
    answer = client.get("/en/index.html")
    assert answer.status_code == 200
    assert "bulletin 1" in answer.text
    assert "set-cookie" not in answer.headers
    assert client.get("/").headers["location"] == "/en/index.html"


def test_the_record_of_a_copy_is_verified_by_whoever_has_the_key_and_a_changed_byte_is_found(
    ledger: Ledger, tmp_path: Path
) -> None:
    three_bulletins(ledger)
    export(LedgerBulletins(ledger).load(3), tmp_path / "site")
    record = tmp_path / "site" / "record"
    assert verify_export(record, [KEY.verifier]) == (ledger.size, 3, [])
    run = CliRunner().invoke(app, ["count", "verify", "--export", str(record), "--verifier", str(KEY.verifier)])
    assert run.exit_code == 0, run.output
    leaves = (record / "0.jsonl").read_bytes()
    (record / "0.jsonl").write_bytes(leaves.replace(b'"votes_a":', b'"votes_a":1', 1))
    assert [fault.column for fault in verify_export(record, [KEY.verifier])[2]] == ["root"] * 3
    (record / "0.jsonl").write_bytes(leaves)
    body = record / "bulletins" / "0002.json"
    body.write_bytes(body.read_bytes().replace(b'"processed":', b'"processed":9', 1))
    assert [fault.column for fault in verify_export(record, [KEY.verifier])[2]] == ["body"]


def test_a_record_of_many_files_is_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    leaves = [f'{{"n":{i}}}'.encode() for i in range(11 * BUNDLE + 7)]
    record = tmp_path / "record"
    (record / "bulletins").mkdir(parents=True)
    for k in range(bundles(leaves)):
        (record / f"{k}.jsonl").write_bytes(bundle(leaves, k))
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    root = Tree(hashes).root(len(leaves))
    note = signed_checkpoint(Checkpoint(ORIGIN, len(leaves), root, 1, hashlib.sha256(b"{}").digest()), KEY)
    (record / "bulletins" / "0001.checkpoint").write_text(note)
    (record / "bulletins" / "0001.json").write_text("{}")
    assert verify_export(record, [KEY.verifier]) == (len(leaves), 1, [])


@pytest.mark.parametrize(
    "path", ["1.json", "0004.json", "0001.txt", "0001.json.gz", "٠٠٠١.json", "../0.jsonl", "0001"]
)
def test_only_what_was_published_is_in_the_folder_of_bulletins(ledger: Ledger, path: str) -> None:
    three_bulletins(ledger)
    night = LedgerBulletins(ledger).load(3)
    assert content(night, "record/bulletins/0001.json") == night.bulletins[-1].body
    with pytest.raises(NoPage):
        content(night, f"record/bulletins/{path}")


def test_count_publish_into_a_place_that_cannot_be_written_says_so(ledger: Ledger, tmp_path: Path) -> None:
    three_bulletins(ledger)
    (tmp_path / "file").write_text("")
    place = str(tmp_path / "file" / "site")
    refused = CliRunner().invoke(app, ["count", "publish", place, "--database", str(ledger.engine.url)])
    assert refused.exit_code == 2
    assert "cannot be written" in refused.output
