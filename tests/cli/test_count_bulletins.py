"""Bulletins by the command line: a key, a bulletin, what lies between two, a proof, an export, a verification."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from made_count import ORIGIN, corrected, good_returns, opened, protocols
from tallyscope.cli.count import app
from tallyscope.ledger.store import Ledger

runner = CliRunner()


def run(*arguments: str | Path | int, ends: int = 0) -> str:
    result = runner.invoke(app, list(map(str, arguments)))
    assert result.exit_code == ends, result.output
    return result.stdout if ends == 0 else result.stderr


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key.txt"
    (tmp_path / "verifier.txt").write_text(run("key", ORIGIN, "--out", file))
    return file


@pytest.fixture
def night(tmp_path: Path, key: Path) -> Path:
    """A count with two bulletins: 30 protocols, then 10 more and a correction."""
    database = tmp_path / "count.db"
    every = protocols(good_returns())
    with opened(f"sqlite:///{database}", good_returns()) as ledger:
        accepted = ledger.accept(every[:30])
        run("bulletin", "--database", database, "--key", key, "--by", "the commission")
        ledger.accept([corrected(accepted[4]), *every[30:40]])
        run("bulletin", "--database", database, "--key", key, "--by", "the commission")
    return database


def test_a_key_is_readable_by_its_owner_alone_and_never_overwritten(tmp_path: Path, key: Path) -> None:
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert (tmp_path / "verifier.txt").read_text().startswith(f"{ORIGIN}+")
    before = key.read_text()
    assert "a key is never overwritten" in run("key", ORIGIN, "--out", key, ends=2)
    assert key.read_text() == before
    assert "no spaces" in run("key", "two words", "--out", tmp_path / "other.txt", ends=2)


def test_there_is_no_key_by_default(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TALLYSCOPE_KEY", raising=False)
    assert "--key" in run("bulletin", "--database", night, "--by", "x", ends=2)


def test_a_file_that_is_no_key_is_refused_and_not_shown(night: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("PRIVATE+KEY+example.org/count+00000000+c2VjcmV0")
    told = run("bulletin", "--database", night, "--key", wrong, "--by", "x", ends=2)
    assert "signing key" in told
    assert "c2VjcmV0" not in told
    missing = run("bulletin", "--database", night, "--key", tmp_path / "none.txt", "--by", "x", ends=2)
    assert "`tallyscope count key` makes one" in missing


def test_sums_filled_with_text_end_with_a_clear_word_and_exit_code_2(night: Path, key: Path) -> None:
    with sqlite3.connect(night) as database:
        database.execute("UPDATE sums SET votes_a = 'many' WHERE commission = 2 AND source = 'official'")
    told = run("bulletin", "--database", night, "--key", key, "--by", "x", ends=2)
    assert "votes_a by the sums that are kept is 'many', no whole number" in told
    assert "nothing was written" in told
    assert len(json.loads(run("bulletins", "--database", night, "--format", "json"))) == 2


def test_a_bulletin_is_printed_for_people_and_for_programs(night: Path) -> None:
    text = run("bulletins", 2, "--database", night)
    for words in (
        "Bulletin 2: Made country",
        "40 of 60 protocols (66.67",
        "% of ballots cast",
        "Undecided: ",
        "1 correction since the last bulletin",
        "lines mixed up",
        "Still missing: 21",
        "Stations in, by voters on their lists",
    ):
        assert words in text
    body = json.loads(run("bulletins", 2, "--database", night, "--format", "json"))
    assert (body["number"], body["processed"], len(body["corrections"])) == (2, 40, 1)
    assert body["checkpoint"].startswith(ORIGIN)
    units = list(csv.DictReader(io.StringIO(run("bulletins", 2, "--database", night, "--format", "csv"))))
    assert (units[0]["path"], units[0]["processed"]) == ("", "40")
    heads = json.loads(run("bulletins", "--database", night, "--format", "json"))
    assert [(h["number"], h["processed"], h["corrections"]) for h in heads] == [(1, 30, 0), (2, 40, 1)]
    assert "30 of 60" in run("bulletins", "--database", night)
    assert "there is no bulletin 7" in run("bulletins", 7, "--database", night, ends=2)


def test_the_difference_of_two_bulletins_is_a_list_of_protocols(night: Path) -> None:
    text = run("diff", 1, 2, "--database", night)
    assert "11 protocols: 10 new, 1 corrected" in text
    told = json.loads(run("diff", 1, 2, "--database", night, "--format", "json"))
    moved = sum((p["after_votes_a"] or 0) - (p["before_votes_a"] or 0) for p in told["protocols"])
    assert told["difference"]["votes_a"] == moved
    part = json.loads(run("diff", 1, 2, "--in", "South", "--database", night, "--format", "json"))
    assert {p["region"] for p in part["protocols"]} == {"South"}
    rows = list(csv.DictReader(io.StringIO(run("diff", 0, 2, "--database", night, "--format", "csv"))))
    assert len(rows) == 40
    assert "name the earlier one first" in run("diff", 2, 1, "--database", night, ends=2)
    assert "there is no commission 'Nowhere'" in run("diff", 1, 2, "--in", "Nowhere", "--database", night, ends=2)


def test_a_protocol_is_proved_to_whoever_has_the_verifier_key(night: Path, tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{night}") as ledger:
        version = ledger.version(4)
        late = protocols(good_returns())[50].station
    proof, verifier = tmp_path / "a.tlog-proof", tmp_path / "verifier.txt"
    run("prove", version.station, "--database", night, "--out", proof)
    told = run("verify", "--proof", proof, "--verifier", verifier)
    assert f"Version 30 is in the record of {ORIGIN}, under bulletin 2" in told
    assert f"votes_a {version.figures['votes_b']}" in told
    # The version that was replaced can be proved as well, and in the bulletin in which it stood.
    older = tmp_path / "older.tlog-proof"
    older.write_text(run("prove", version.station, "--database", night, "--bulletin", 1))
    assert "Version 4 is in the record" in run("verify", "--proof", older, "--verifier", verifier)
    text = proof.read_text()
    proof.write_text(text.replace("index 30", "index 31"))
    assert "the proof does not hold" in run("verify", "--proof", proof, "--verifier", verifier, ends=2)
    assert "say whose signature is to be trusted" in run("verify", "--proof", proof, ends=2)
    assert "no protocol of it has come in" in run("prove", late, "--database", night, ends=2)
    assert "the count has no station" in run("prove", "Nowhere / 1", "--database", night, ends=2)
    wrong = run("prove", version.station, "--database", night, "--version", 5, ends=2)
    assert "version 5 is not of station" in wrong


def test_an_export_is_checked_without_the_database_and_without_the_program(night: Path, tmp_path: Path) -> None:
    folder, verifier = tmp_path / "history", tmp_path / "verifier.txt"
    run("export", folder, "--database", night)
    assert "41 leaves and 2 bulletins: as they were signed" in run(
        "verify", "--export", folder, "--verifier", verifier
    )
    # The lines of its README, as they stand there, and nothing else.
    readme = (folder / "README.txt").read_text()
    lines = [line[4:] for line in readme.splitlines() if line.startswith("    ")]
    program = "\n".join(lines).replace('open("', f'open("{folder}/')
    exec(compile(program, "README.txt", "exec"), {})
    leaves = folder / "leaves.jsonl"
    leaves.write_bytes(leaves.read_bytes().replace(b'"clerk"', b'"Clerk"', 1))
    with pytest.raises(AssertionError):
        exec(compile(program, "README.txt", "exec"), {})
    told = run("verify", "--export", folder, "--verifier", verifier, ends=2)
    assert "do not give the root" in told
    assert "there is something in it already" in run("export", folder, "--database", night, ends=2)


def test_a_verification_says_where_and_ends_with_2(night: Path, tmp_path: Path) -> None:
    verifier = tmp_path / "verifier.txt"
    assert "41 versions and 2 bulletins" in run("verify", "--database", night, "--verifier", verifier)
    with sqlite3.connect(night) as connection:
        connection.execute("DROP TRIGGER figures_no_update")
        connection.execute("UPDATE figures SET votes_a = votes_a + 1 WHERE version = 7")
    told = run("verify", "--database", night, "--verifier", verifier, ends=2)
    assert "figures.votes_a, version 7, station " in told
    result = runner.invoke(app, ["verify", "--database", str(night), "--format", "json"])
    assert result.exit_code == 2
    first = json.loads(result.stdout)["faults"][0]
    assert (first["table"], first["column"], first["version"]) == ("figures", "votes_a", 7)
    assert "say which database" in run("verify", ends=2)
    assert "cannot be read" in run("verify", "--database", night, "--checkpoint", tmp_path / "none", ends=2)


def test_a_night_that_was_replayed_and_kept_is_verified_with_the_key_that_was_told(
    tmp_path: Path, shared_data: Path
) -> None:
    from made_files import csv_bytes
    from made_files import protocols as rows

    file, database = tmp_path / "night.csv", tmp_path / "night.db"
    file.write_bytes(csv_bytes([list(row) for row in rows(8)]))
    result = runner.invoke(app, ["replay", str(file), "--bulletins", "3", "--database", str(database)])
    assert result.exit_code == 0
    assert "Bulletin 3: " in result.stdout
    verifier = result.stderr.rpartition("what checks it: ")[2].split()[0]
    assert "8 versions and 3 bulletins" in run("verify", "--database", database, "--verifier", verifier)
