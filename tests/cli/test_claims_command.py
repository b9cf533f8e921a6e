"""`tallyscope claims`: articles in, verdicts out; what is wrong with an input is told whole, with exit code 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from claims_gold import TEXTS, gold_of
from claims_grading import graded
from tallyscope.cli.app import app

runner = CliRunner()
WIRE = TEXTS / "dev" / "101_wire.txt"


def run(*arguments: object) -> tuple[int, str]:
    done = runner.invoke(app, ["claims", *map(str, arguments)])
    return done.exit_code, done.output


def test_an_article_becomes_a_table_a_page_and_json(tmp_path: Path) -> None:
    code, said = run(WIRE, "--out", tmp_path / "out")
    assert code == 0
    assert "12 claims" in said
    assert "forecast missed (low, by 3.69 points)" in said
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["claims.html", "claims.json"]
    (document,) = json.loads((tmp_path / "out" / "claims.json").read_text(encoding="utf-8"))["documents"]
    assert document["name"] == WIRE.name


def test_the_short_form_is_what_a_grader_reads(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "prediction.json"
    code, _ = run(*sorted((TEXTS / "dev").glob("*.txt")), "--format", "simple", "--out", out)
    assert code == 0
    assert graded(gold_of(TEXTS / "dev"), json.loads(out.read_text(encoding="utf-8"))).f1 >= 0.85


def test_json_goes_to_the_screen_where_no_file_is_named() -> None:
    code, said = run(WIRE, "--format", "json")
    assert code == 0
    assert {c["check"]["verdict"] for c in json.loads(said)["documents"][0]["claims"]} >= {"consistent"}


def test_returns_are_read_and_asked(shared_data: Path, tmp_path: Path) -> None:
    article = tmp_path / "900_x.txt"
    text = "LA PAZ, Oct 25, 2019 - Evo Morales has 47.08 percent of the vote, the tribunal said on Friday."
    article.write_text(text, encoding="utf-8")
    returns = shared_data / "bolivia-2019-president" / "final_2019-10-25.csv.gz"
    code, said = run(article, "--returns", returns, "--format", "json")
    assert code == 0
    (document,) = json.loads(said)["documents"]
    assert document["returns"][0]["election"] == "BO-PRES-2019"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("missing.txt", None, "cannot be opened"),
        ("picture.txt", b"\x89PNG\0\0\0", "is no text"),
        ("broken.pdf", b"%PDF-1.4 nothing", "PDF"),
        ("large.txt", b"The commission said it. " * 2_300_000, "more than"),
    ],
)
def test_what_cannot_be_read_is_told_with_exit_code_2(
    name: str, data: bytes | None, said: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    if data is not None:
        file.write_bytes(data)
    code, output = run(file, WIRE, "--out", tmp_path / "out")
    assert code == 2
    assert said in " ".join(output.split())
    assert not (tmp_path / "out").exists()


def test_wrong_returns_and_a_wrong_place_to_write_are_told(tmp_path: Path) -> None:
    code, said = run(WIRE, "--returns", tmp_path / "none.csv")
    assert code == 2
    assert "none.csv" in said
    code, said = run(WIRE, "--returns", WIRE)
    assert code == 2
    code, said = run(WIRE, "--returns", "a.csv", "--election", "XX-1900")
    assert code == 2
    code, said = run(WIRE, "--returns", "a.csv", "--returns", "b.csv", "--election", "RU-PRES-2012")
    assert code == 2
    assert "one --returns" in said
    blocked = tmp_path / "file"
    blocked.write_text("x")
    code, said = run(WIRE, "--out", blocked)
    assert code == 2
    assert "cannot be written" in said
    assert run(WIRE, "--format", "simple", "--out", tmp_path)[0] == 2


@pytest.mark.parametrize("text", ["", " \n\n", "قال الرئيس «فزنا» أمس", "12345", '"' * 500])
def test_a_page_without_claims_is_an_answer_and_no_error(text: str, tmp_path: Path) -> None:
    article = tmp_path / "a_b.txt"
    article.write_text(text, encoding="utf-8")
    code, said = run(article, "--out", tmp_path / "out")
    assert code == 0
    assert "claim" in said
    assert (tmp_path / "out" / "claims.html").exists()


def test_control_characters_of_an_article_do_not_reach_the_terminal(tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text('MOSCOW, 19 March 2018 - "Putin won \x1b[31mit all," Ella Pamfilova said.', encoding="utf-8")
    _, said = run(article, "--out", tmp_path / "out")
    assert "\x1b[31m" not in said
