"""A record verified: a changed byte anywhere is located, and a history that was rewritten is found too."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from damaged import written
from made_count import KEY, corrected, good_returns, opened, protocols
from tallyscope.ledger.bulletins import bulletin, publish
from tallyscope.ledger.checkpoint import Checkpoint, signed_checkpoint
from tallyscope.ledger.core.merkle import filled, leaf_hash
from tallyscope.ledger.note import NoteError, new_signer
from tallyscope.ledger.verify import Fault, Report, verify

#: So many stations that one tile of the tree is full.
STATIONS = 270


def night(url: str) -> str:
    """A night with a gap, corrections, an observer's copy and three bulletins; returns the last checkpoint."""
    from dataclasses import replace

    returns = good_returns(STATIONS)
    with opened(url, returns) as ledger:
        publish(ledger, KEY, by="the commission")
        every = protocols(returns)
        lost = {c: n for c, n in every[7].figures.items() if c != "votes_b"}
        every[7] = replace(every[7], figures=lost, gaps={"votes_b": "illegible"})
        accepted = ledger.accept(every[:200])
        publish(ledger, KEY, by="the commission")
        ledger.accept([corrected(accepted[3]), replace(every[20], source="observer"), *every[200:260]])
        annulled = replace(accepted[9], stage="annulled", reason="court", supersedes=9, number=None)
        ledger.accept([annulled, *every[260:]])
        return publish(ledger, KEY, by="the commission").checkpoint


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    file = tmp_path_factory.mktemp("record") / "count.db"
    return file, night(f"sqlite:///{file}")


def verified(file: Path, *checkpoints: str) -> Report:
    return verify(f"sqlite:///{file}", [KEY.verifier], checkpoints)


def test_a_record_that_nobody_touched_has_no_fault(database_url: str) -> None:
    checkpoint = night(database_url)
    report = verify(database_url, [KEY.verifier], [checkpoint])
    assert report.faults == ()
    assert report.notes == ()
    assert (report.versions, report.bulletins) == (274, 3)
    assert any("signatures were read and not checked" in note for note in verify(database_url).notes)


def flipped(value: Any, random_: random.Random) -> Any:
    """The value with one bit or one character of it changed."""
    if value is None:
        return 1
    if isinstance(value, int):
        return value ^ 1 if random_.random() < 0.5 else value + (1 << random_.randrange(2, 20))
    if isinstance(value, bytes):
        at = random_.randrange(len(value))
        return value[:at] + bytes([value[at] ^ (1 << random_.randrange(8))]) + value[at + 1 :]
    at = random_.randrange(len(value)) if value else 0
    return value[:at] + ("x" if value[at : at + 1] != "x" else "y") + value[at + 1 :]


def columns_of(file: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(file) as connection:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
        # Of the record; accounts, drafts and the number of the migration are none of it.
        record = {"election", "commissions", "stations", "versions", "figures", "gaps", "standing", "nodes"}
        record |= {"head", "sums", "bulletins", "opened"}
        tables = [name for (name,) in connection.execute(names) if name in record]
        assert set(tables) == record
        return [(t, row[1]) for t in tables for row in connection.execute(f"PRAGMA table_info({t})")]


def located(faults: tuple[Fault, ...], table: str, column: str, version: int | None) -> bool:
    """Some fault names the table and column, and the version if it is of one."""
    return any(
        f.table == table and column in f.column.split(", ") and (version is None or f.version == version)
        for f in faults
    )


#: Columns whose damage shows in another place: the row is looked for under its key, or belongs to another one then.
ELSEWHERE = {
    ("head", "id"): None,
    ("gaps", "version"): "gaps",
    ("gaps", "figure"): "gaps",
    ("figures", "version"): "figures",
    ("nodes", "level"): "nodes",
    ("nodes", "index"): "nodes",
    ("standing", "station"): "standing",
    ("standing", "source"): "standing",
    ("sums", "commission"): "sums",
    ("sums", "source"): "sums",
    ("commissions", "id"): "commissions",
    ("stations", "id"): "stations",
    ("stations", "commission"): "stations",
    ("stations", "name"): "stations",
}


def test_a_flipped_byte_in_any_column_of_any_table_is_located(record: tuple[Path, str]) -> None:
    file, _ = record
    random_ = random.Random(1)
    tried = 0
    for table, column in columns_of(file):
        if ELSEWHERE.get((table, column), table) is None:
            continue
        damage = one_flip(file, table, column, random_)
        if damage is None:
            continue
        version, faults = damage
        where = ELSEWHERE.get((table, column))
        told = any(f.table == where for f in faults) if where else located(faults, table, column, version)
        assert told, (table, column, version, [str(f) for f in faults])
        tried += 1
    assert tried > 70
    assert verified(file).faults == ()


def one_flip(
    file: Path, table: str, column: str, random_: random.Random
) -> tuple[int | None, tuple[Fault, ...]] | None:
    """Changes one value, verifies, and puts it back: the version that it is of, and what was found."""
    with written(file) as connection:
        keys = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5]]
        row = random_.choice(connection.execute(f"SELECT * FROM {table}").fetchall())
        names = [r[1] for r in connection.execute(f"PRAGMA table_info({table})")]
        values = dict(zip(names, row, strict=True))
        old, new = values[column], flipped(values[column], random_)
        here = " AND ".join(f'"{k}" = ?' for k in keys)
        there = [new if k == column else values[k] for k in keys]
        try:
            connection.execute(f'UPDATE {table} SET "{column}" = ? WHERE {here}', [new, *(values[k] for k in keys)])
        except sqlite3.IntegrityError:
            return None  # Another row has this key: the database itself refuses.
        connection.commit()
        try:
            faults = verified(file).faults
        finally:
            connection.execute(f'UPDATE {table} SET "{column}" = ? WHERE {here}', [old, *there])
            connection.commit()
    number = {"versions": "number", "figures": "version", "gaps": "version"}.get(table)
    return (values[number] if number and number != column else None), faults


def test_a_flipped_byte_says_which_version_station_and_column(record: tuple[Path, str]) -> None:
    file, _ = record
    with written(file) as connection:
        connection.execute("UPDATE figures SET votes_a = votes_a + 10 WHERE version = 42")
        connection.commit()
        (fault, *sums) = verified(file).faults
        connection.execute("UPDATE figures SET votes_a = votes_a - 10 WHERE version = 42")
    assert (fault.table, fault.column, fault.version) == ("figures", "votes_a", 42)
    assert fault.station is not None
    assert "was accepted" in fault.text
    # What is added up from the figures tells too: the sums that are kept, and the bulletins.
    assert {f.table for f in sums} == {"sums", "bulletins"}


@pytest.mark.parametrize("part", ["leaf", "leaf_hash"])
def test_a_byte_of_the_leaf_or_its_hash_is_told_from_the_two_others(part: str, record: tuple[Path, str]) -> None:
    file, _ = record
    with written(file) as connection:
        (old,) = connection.execute(f"SELECT {part} FROM versions WHERE number = 100").fetchone()
        new = old[:20] + bytes([old[20] ^ 1]) + old[21:]
        connection.execute(f"UPDATE versions SET {part} = ? WHERE number = 100", [new])
        connection.commit()
        faults = verified(file).faults
        connection.execute(f"UPDATE versions SET {part} = ? WHERE number = 100", [old])
    assert [(f.table, f.column, f.version) for f in faults] == [("versions", part, 100)]
    assert part == "leaf_hash" or "byte 20" in faults[0].text


def rewritten(connection: sqlite3.Connection, number: int) -> None:
    """What an administrator would do: figures, leaf, hash, tree and sums, so that each fits all the others."""
    (leaf,) = connection.execute("SELECT leaf FROM versions WHERE number = ?", [number]).fetchone()
    said = json.loads(leaf)
    said["figures"]["votes_a"] -= 5
    said["figures"]["votes_b"] += 5
    new = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    connection.execute(
        "UPDATE versions SET leaf = ?, leaf_hash = ? WHERE number = ?", [new, leaf_hash(new), number]
    )
    change = "UPDATE figures SET votes_a = votes_a - 5, votes_b = votes_b + 5 WHERE version = ?"
    connection.execute(change, [number])
    hashes = [h for (h,) in connection.execute("SELECT leaf_hash FROM versions ORDER BY number")]
    for level, index, hash in filled(lambda *_: [], 0, hashes):
        connection.execute('UPDATE nodes SET hash = ? WHERE level = ? AND "index" = ?', [hash, level, index])
    (key,) = connection.execute("SELECT commission FROM stations WHERE key = ?", [said["station"]]).fetchone()
    while key is not None:
        moves = ("votes_a = votes_a - 5", "votes_b = votes_b + 5")
        shares = ("share_a_part = share_a_part - 5", "share_b_part = share_b_part + 5")
        sums = f"UPDATE sums SET {', '.join((*moves, *shares))} WHERE commission = ? AND source = 'official'"
        connection.execute(sums, [key])
        (key,) = connection.execute("SELECT parent FROM commissions WHERE id = ?", [key]).fetchone()
    connection.commit()


def test_an_administrator_who_rewrites_everything_is_found_by_an_earlier_signed_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "count.db"
    kept = night(f"sqlite:///{file}")
    with written(file) as connection:
        rewritten(connection, 150)
        # Version 150 is under the second bulletin: its root and the third's are no more those that were signed.
        faults = verified(file).faults
        assert ("versions", "leaf") in {(f.table, f.column) for f in faults}
        assert any("signed with bulletin 2" in f.text and "versions up to 199" in f.text for f in faults)
        # He throws the bulletins away: the database alone is in order, and the published checkpoint is not.
        connection.execute("DELETE FROM bulletins")
        connection.commit()
        assert verified(file).faults == ()
        (fault,) = verified(file, kept).faults
        assert "bulletin 3" in fault.text


def test_a_bulletin_signed_anew_by_another_key_is_no_bulletin_of_the_count(tmp_path: Path) -> None:
    file = tmp_path / "count.db"
    night(f"sqlite:///{file}")
    thief = new_signer(KEY.name)
    with written(file) as connection:
        size, root = connection.execute("SELECT size, root FROM bulletins WHERE number = 3").fetchone()
        hash = bytes.fromhex(connection.execute("SELECT body_sha256 FROM bulletins WHERE number = 3").fetchone()[0])
        note = signed_checkpoint(Checkpoint(KEY.name, size, root, 3, hash), thief)
        connection.execute("UPDATE bulletins SET checkpoint = ? WHERE number = 3", [note])
        connection.commit()
        (fault,) = verified(file).faults
    assert (fault.table, fault.column) == ("bulletins", "checkpoint")
    assert "not signed by a key that was given" in fault.text


def test_versions_that_were_cut_off_are_missed(tmp_path: Path) -> None:
    file = tmp_path / "count.db"
    kept = night(f"sqlite:///{file}")
    with written(file) as connection:
        for table, column in (("versions", "number"), ("figures", "version"), ("gaps", "version")):
            connection.execute(f"DELETE FROM {table} WHERE {column} >= 270")
        connection.execute("UPDATE head SET size = 270")
        connection.commit()
        told = " ".join(str(f) for f in verified(file, kept).faults)
    assert "274 versions were signed, and the record has 270" in told
    assert "the checkpoint of bulletin 3 that was kept outside counts 274 versions; there are 270" in told


def test_a_checkpoint_of_another_key_is_refused_before_anything_is_said(record: tuple[Path, str]) -> None:
    file, kept = record
    with pytest.raises(NoteError, match="not signed by a key that was given"):
        verify(f"sqlite:///{file}", [new_signer("example.org/other").verifier], [kept])


def test_damage_is_located_on_postgresql_too(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has every column flipped in another test")
    night(database_url)
    engine = create_engine(database_url)
    for statement, table, column in (
        ("UPDATE figures SET votes_a = votes_a + 1 WHERE version = 42", "figures", "votes_a"),
        ("UPDATE versions SET reason = 'x' WHERE number = 42", "versions", "reason"),
        (
            "UPDATE versions SET accepted_at = accepted_at + interval '1 microsecond' WHERE number = 7",
            "versions",
            "accepted_at",
        ),
        ("UPDATE gaps SET reason = 'missing'", "gaps", "reason"),
        ("UPDATE nodes SET hash = set_byte(hash, 3, 1 + get_byte(hash, 3) % 255)", "nodes", "hash"),
        ("UPDATE standing SET counted = NOT counted WHERE version = 42", "standing", "counted"),
    ):
        with engine.begin() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(statement))
            connection.execute(text("SET session_replication_role = origin"))
        assert located(verify(database_url, [KEY.verifier]).faults, table, column, None), statement
    engine.dispose()


def test_bulletins_of_a_night_are_read_again_by_their_numbers(record: tuple[Path, str]) -> None:
    from tallyscope.ledger.store import Ledger

    file, kept = record
    with Ledger.open(f"sqlite:///{file}") as ledger:
        assert bulletin(ledger, 3).checkpoint == kept


def test_a_number_of_voters_that_appears_where_no_list_has_one_is_located(tmp_path: Path) -> None:
    from dataclasses import replace

    file, returns = tmp_path / "count.db", good_returns()
    plain = replace(returns, table=returns.table.drop("registered_before"))
    with opened(f"sqlite:///{file}", plain) as ledger:
        ledger.accept(protocols(plain))
        publish(ledger, KEY, by="the commission")
    with written(file) as connection:
        connection.execute("UPDATE stations SET registered_before = 1 WHERE id = 30")
        connection.commit()
        faults = verified(file).faults
    assert located(faults, "stations", "registered_before", None)
