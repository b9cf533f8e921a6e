"""`tallyscope data`: what it lists, what it fetches, and what it says when it cannot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loopback_server import Answer, Loopback, loopback
from tallyscope.cli.data import app
from tallyscope.returns.datasets import Dataset, DatasetFile, datasets

CONTENT = b"a,b\n1,2\n" * 1000
run = CliRunner()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with loopback() as served:
        url = served.gives("/a.csv", Answer(CONTENT))
        file = DatasetFile("a.csv", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), url)
        served_set = Dataset("served", "Served", "here", "https://page", "CC0", 1, "RU-PRES-2012", (file,))
        other = Dataset("other", "Other", "there", "https://page", "CC0", 1, "", (file,))
        monkeypatch.setattr("tallyscope.returns.datasets.catalogue.datasets", lambda: (served_set, other))
        yield served


def test_the_list_has_every_set_its_licence_and_the_reasons_of_those_not_fetchable() -> None:
    result = run.invoke(app, ["list"])
    assert result.exit_code == 0
    for dataset in datasets():
        assert dataset.id in result.output
        assert dataset.not_fetchable in result.output


def test_the_list_for_programs_has_sources_and_checksums() -> None:
    result = run.invoke(app, ["list", "--format", "json"])
    listed = {d["id"]: d for d in json.loads(result.stdout)["datasets"]}
    assert listed.keys() == {d.id for d in datasets()}
    assert listed["russia-2012-president"]["files"][0]["url"].endswith("/data/2012.csv.zip")
    assert len(listed["russia-2012-president"]["files"][0]["sha256"]) == 64
    assert listed["turkey-2017-referendum"]["files"][0]["wheel"]["project"] == "ysk"
    assert listed["spain-2019apr-congress"]["fetchable"] is False


def test_fetching_prints_the_path_and_the_command_to_run_next(server: Loopback, tmp_path: Path) -> None:
    to = tmp_path / "a folder"
    result = run.invoke(app, ["fetch", "served", "--to", str(to)])
    assert result.exit_code == 0, result.output
    assert (to / "a.csv").read_bytes() == CONTENT
    assert str(to / "a.csv") in result.stdout.splitlines()
    assert f"Next: tallyscope examine '{to / 'a.csv'}'" in result.stdout


def test_what_is_no_registered_election_is_to_be_inspected_first(server: Loopback, tmp_path: Path) -> None:
    result = run.invoke(app, ["fetch", "other", "--to", str(tmp_path)])
    assert f"Next: tallyscope inspect {tmp_path / 'a.csv'}" in result.stdout


def test_a_file_brought_by_other_means_needs_no_network(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "brought").write_bytes(CONTENT)
    result = run.invoke(app, ["fetch", "served", "--from", str(tmp_path / "brought"), "--to", str(tmp_path / "to")])
    assert result.exit_code == 0, result.output
    assert server.asked == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fetch", "turkey"], "did you mean turkey-2017-referendum"),
        (["fetch", "albania-2017-parliament"], "listed, not fetchable"),
        (["fetch", "russia-2012-president", "--from", "nothing"], "2012.csv.zip (3,267,774 bytes) is not among"),
        (["list", "--format", "csv"], "no CSV"),
    ],
)
def test_what_cannot_be_done_is_said_plainly_with_exit_code_2(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    to = ["--to", str(tmp_path)] if arguments[0] == "fetch" else []
    result = run.invoke(app, [*arguments, *to])
    assert result.exit_code == 2
    assert words in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_checksum_that_differs_ends_with_exit_code_2_and_nothing_written(
    server: Loopback, tmp_path: Path
) -> None:
    server.gives("/a.csv", Answer(CONTENT[:-1] + b"!"))
    result = run.invoke(app, ["fetch", "served", "--to", str(tmp_path)])
    assert result.exit_code == 2
    assert hashlib.sha256(CONTENT).hexdigest() in result.stderr
    assert list(tmp_path.iterdir()) == []
