"""The operator's commands: no secret has a default, and everything that is done is in the audit trail."""

from __future__ import annotations

import itertools
import json
import logging
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from made_files import csv_bytes, protocols
from tallyscope.cli.app import app
from tallyscope.cli.serve import _warn, _WithoutLinks
from tallyscope.ledger.accounts.tables import audit
from tallyscope.ledger.store import Ledger

runner = CliRunner()
PASSWORD = "correct horse battery"
COMMANDS = {"count", "serve", "init", "key", "audit", "person", "add", "token", "make"}


@pytest.fixture
def count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a count, with a secret in the environment of its commands."""
    (tmp_path / "p.csv").write_bytes(csv_bytes(protocols(8)))
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef" * 4)
    secret.chmod(0o600)
    monkeypatch.delenv("TALLYSCOPE_SECRET", raising=False)
    monkeypatch.setenv("TALLYSCOPE_SECRET_FILE", str(secret))
    monkeypatch.setenv("TALLYSCOPE_DATABASE", str(tmp_path / "count.db"))
    run("init", str(tmp_path / "p.csv"))
    return tmp_path


def run(*arguments: str, ends: int = 0, input: str | None = None) -> str:
    words = arguments if arguments[0] == "serve" else ("count", *arguments)
    result = runner.invoke(app, list(words), input=input)
    assert result.exit_code == ends, result.output
    return result.stdout if ends == 0 else result.output


def test_a_person_is_added_given_a_password_listed_and_locked(count: Path) -> None:
    link = run("person", "add", "Anna", "--name", "Anna A.", "--role", "administrator")
    assert link.startswith("http://127.0.0.1:8000/welcome/")
    run("person", "password", "anna", input=f"{PASSWORD}\n{PASSWORD}\n")
    run("person", "role", "anna", "--give", "clerk", "--commission", "Республика Адыгея (Адыгея)")
    run("person", "lock", "anna")
    (anna,) = json.loads(run("person", "list", "--format", "json"))
    assert (anna["login"], anna["state"]) == ("anna", "locked")
    assert anna["roles"][1] == "clerk: Республика Адыгея (Адыгея)"
    run("person", "unlock", "anna")
    assert run("audit").splitlines()[-1].startswith("7:")
    assert PASSWORD not in (count / "count.db").read_bytes().decode("latin-1")


@pytest.mark.parametrize(
    "command",
    [
        ("person", "list"),
        ("person", "add", "anna", "--name", "Anna"),
        ("token", "list"),
        ("audit",),
        ("serve",),
    ],
)
def test_nothing_starts_without_a_secret(
    count: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TALLYSCOPE_SECRET_FILE")
    assert "there is no secret" in run(*command, ends=2)
    monkeypatch.setenv("TALLYSCOPE_SECRET", "short")
    assert "at least 32 random bytes" in run(*command, ends=2)
    monkeypatch.setenv("TALLYSCOPE_SECRET", "0" * 64)
    assert "random" in run(*command, ends=2)


@pytest.mark.skipif(os.name != "posix", reason="files have no such rights here")
def test_a_secret_that_others_may_read_is_refused_and_not_told(count: Path) -> None:
    (count / "secret").chmod(0o644)
    said = run("person", "list", ends=2)
    assert "chmod 600" in said
    assert "0123456789abcdef" not in said


def test_everything_wrong_with_a_person_is_told_and_nothing_written(count: Path) -> None:
    said = run("person", "add", "!", "--name", " ", "--role", "king", ends=2)
    assert said.startswith("3 problems; nothing was written.")
    assert json.loads(run("person", "list", "--format", "json")) == []
    assert "--commission" in run("person", "add", "anna", "--name", "A", "--commission", "Nowhere", ends=2)


def test_a_token_is_made_listed_and_revoked(count: Path) -> None:
    run("person", "add", "anna", "--name", "Anna", "--role", "coordinator")
    token = run("token", "make", "anna", "--name", "scanner 7", "--scope", "propose", "--days", "1").strip()
    assert token.startswith("tallyscope_")
    (listed,) = json.loads(run("token", "list"))
    assert token not in json.dumps(listed)
    run("token", "revoke", str(listed["id"]))
    assert json.loads(run("token", "list"))[0]["revoked_at"]
    assert "no such token" in run("token", "revoke", "1", ends=2)


def test_a_head_that_was_noted_is_held_against_the_trail(count: Path) -> None:
    run("person", "add", "anna", "--name", "Anna")
    head = run("audit").splitlines()[-1]
    assert run("audit", "--head", head).splitlines()[-1] == head
    assert "head noted after it" in run("audit", "--head", f"{head[:2]}{'0' * 64}", ends=1)
    assert "is not SIZE:HASH" in run("audit", "--head", "x", ends=2)


def test_a_one_time_link_does_not_reach_the_log() -> None:
    record = logging.LogRecord("uvicorn.access", 20, "", 0, "%s", ("GET /welcome/secret?x HTTP/1.1",), None)
    _WithoutLinks().filter(record)
    assert record.getMessage() == "GET /welcome/...?x HTTP/1.1"


@contextmanager
def served(*options: str) -> Iterator[tuple[str, list[str]]]:
    """A service that runs: its address, and (when it has ended) what it said."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tallyscope", "serve", "--port", str(port), *options]
    said = list[str]()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as service:
        try:
            yield f"http://127.0.0.1:{port}", said
        finally:
            service.terminate()
            said.append(service.communicate()[0])


@pytest.mark.parametrize(("options", "address"), [((), "127.0.0.1"), (("--proxy", "127.0.0.1"), "203.0.113.7")])
def test_the_service_believes_a_forwarded_address_only_of_its_proxy(
    count: Path, options: tuple[str, ...], address: str
) -> None:
    with served(*options) as (url, said):
        page = _asked(f"{url}/login")
        cookie = page.headers["set-cookie"].split(";")[0]
        token = re.search(r'name="csrf" value="(\w+)"', page.text)
        assert token
        data = {"csrf": token[1], "login": "nobody", "password": "a password that is wrong"}
        headers = {"Cookie": cookie, "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        assert httpx.post(f"{url}/login", data=data, headers=headers).status_code == 401
    assert "Warning" not in said[0]
    assert "a password that is wrong" not in said[0]
    with Ledger.open(f"sqlite:///{count}/count.db") as ledger, ledger.engine.connect() as connection:
        (entry,) = connection.scalars(select(audit.c.entry))
    assert json.loads(entry)["address"] == address


def test_an_address_that_others_can_reach_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    for host, warned in (
        ("127.0.0.1", False),
        ("::1", False),
        ("localhost", False),
        ("0.0.0.0", True),
        ("192.0.2.1", True),
    ):
        _warn(host)
        assert ("speaks no TLS" in capsys.readouterr().err) == warned, host


def _asked(url: str) -> httpx.Response:
    deadline = time.monotonic() + 60
    while True:
        try:
            return httpx.get(url)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_the_documentation_names_commands_and_options_that_there_are() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "service.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\$ tallyscope ([^#\n]*)", text, re.M)
    assert len(commands) >= 6
    for command in commands:
        words = shlex.split(command)
        path = list(itertools.takewhile(lambda word: word in COMMANDS, words))
        helped = runner.invoke(app, [*path, "--help"], env={"COLUMNS": "200"})
        assert helped.exit_code == 0, command
        for option in (word for word in words if word.startswith("--")):
            assert option in helped.output, command
