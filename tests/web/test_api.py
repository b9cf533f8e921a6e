"""The API: what machines bring in, what they may read, and everything that is wrong told at once."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from fastapi.testclient import TestClient

from made_files import ELECTION, csv_bytes, protocols, xlsx_bytes
from made_service import NORTH, OPERATOR, SOUTH, Made, commission
from tallyscope.election.roles import votes_column
from tallyscope.ledger.accounts.persons import lock
from tallyscope.ledger.accounts.tokens import list_tokens, revoke_token
from tallyscope.ledger.schema import figure_columns


def key(row: Sequence[object]) -> str:
    return " / ".join(str(part) for part in row[:3])


def reading(row: Sequence[object], **changed: int) -> dict[str, Any]:
    """A protocol of `made_files` as a machine reads it."""
    figures = dict(zip(figure_columns(ELECTION), row[3:], strict=True))
    return {"station": key(row), "figures": figures | changed}


def upload(machine: TestClient, content: bytes, name: str = "protocols.csv", **form: str) -> Any:
    headers = {"Idempotency-Key": form.pop("key")} if "key" in form else {}
    return machine.post("/imports", files={"file": (name, content)}, data=form, headers=headers)


def test_a_file_of_protocols_stands_when_it_was_imported(everywhere: Made) -> None:
    machine = everywhere.machine("coordinator", "import", "see")
    answer = upload(machine, csv_bytes(protocols(6)))
    assert answer.json() == {
        "new": 6,
        "corrections": 0,
        "unchanged": 0,
        "empty": 0,
        "warnings": 0,
        "incomplete": 0,
        "versions": 6,
    }
    assert machine.get("/status").json()["processed"] == 6
    assert everywhere.ledger.version(0).entered_by == "coordinator (scanner 7)"
    again = upload(machine, xlsx_bytes(protocols(6)), "the same.xlsx").json()
    assert (again["unchanged"], again["versions"]) == (6, 6)


def test_every_problem_of_a_file_comes_back_at_once_and_nothing_is_written(made: Made) -> None:
    machine = made.machine("coordinator", "import", "see")
    rows = protocols(6)
    rows[1][8] = int(str(rows[1][8])) + 1  # cancelled: a relation breaks
    rows[2][4] = "many"
    rows[4][2] = 99
    answer = upload(machine, csv_bytes(rows))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    said = answer.json()
    assert said["status"] == 422
    assert {p["row"] for p in said["problems"]} >= {4}
    rows[2][4] = protocols(6)[2][4]
    said = upload(machine, csv_bytes(rows)).json()
    assert {p["row"] for p in said["problems"]} == {3, 6}
    assert made.ledger.size == 0


def test_protocols_of_another_commission_are_refused_with_every_name(made: Made) -> None:
    answer = upload(made.machine("coordinator", "import"), csv_bytes(protocols(8)))
    assert answer.status_code == 422
    assert [p["file"] for p in answer.json()["problems"]] == [f"station {key(row)!r}" for row in protocols(8)[6:]]
    assert made.ledger.size == 0


def test_an_import_sent_twice_with_its_key_is_done_once(everywhere: Made) -> None:
    machine = everywhere.machine("coordinator", "import")
    first = upload(machine, csv_bytes(protocols(3)), key="a")
    assert upload(machine, csv_bytes(protocols(3)), key="a").json() == first.json()
    assert first.json()["new"] == 3
    assert upload(machine, csv_bytes(protocols(4)), key="a").status_code == 422
    assert upload(machine, b"rubbish", key="b").status_code == 422
    assert upload(machine, csv_bytes(protocols(4)), key="b").json()["new"] == 1


def test_indonesia_2024_what_a_scanner_read_never_stands_by_itself(everywhere: Made) -> None:
    scanner = everywhere.machine("clerk", "propose", "see")
    row = protocols(1)[0]
    wrong = reading(row, **{votes_column(ELECTION.choices[0].id): 948})
    said = scanner.post("/readings", json={"readings": [wrong]}).json()
    assert said == {"added": 1, "versions": [0]}
    assert everywhere.ledger.version(0).source == "scanner"
    assert scanner.get("/status").json()["processed"] == 0
    assert everywhere.ledger.returns().table["status"].to_list().count("empty") == 8
    assert scanner.post("/readings", json={"source": "official", "readings": [wrong]}).status_code == 422
    # A clerk finds it in the fields, is told to compare every line, and what she hands in is what counts.
    clerk = everywhere.as_("clerk")
    page = clerk.open("/entry/1").text
    seen = re.findall(r'name="(seen|serial)" value="(\d+)"', page)
    clerk.send("/entry/1/begin", dict(seen), form="/work")
    page = clerk.open("/entry/1").text
    assert 'value="948"' in page
    assert "A machine has read these figures" in page
    # People enter what the paper says; both are kept, and a second reading corrects the first.
    upload(everywhere.machine("coordinator", "import"), csv_bytes([row]))
    assert scanner.post("/readings", json={"readings": [reading(row)]}).json()["versions"] == [2]
    assert scanner.post("/readings", json={"readings": [reading(row)]}).json() == {"added": 0, "versions": [None]}
    told = [(v.number, v.source, v.supersedes) for v in everywhere.ledger.versions()]
    assert told == [(0, "scanner", None), (1, "official", None), (2, "scanner", 0)]


def test_readings_are_taken_all_or_none(made: Made) -> None:
    scanner = made.machine("clerk", "propose")
    good, stranger = reading(protocols(1)[0]), reading(protocols(8)[7])
    lacking = {"station": key(protocols(2)[1]), "figures": {"registered": 1}}
    answer = scanner.post("/readings", json={"readings": [good, lacking]})
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) == len(figure_columns(ELECTION)) - 1
    assert scanner.post("/readings", json={"readings": [good, stranger]}).status_code == 422
    assert scanner.post("/readings", json={"readings": [good, good]}).status_code == 422
    assert made.ledger.size == 0


@pytest.mark.parametrize("count", [-1, 2**53, 1.5, "12", True, None])
def test_a_figure_is_a_count_and_nothing_else(made: Made, count: object) -> None:
    body = reading(protocols(1)[0]) | {"figures": {"registered": count}}
    assert made.machine("clerk", "propose").post("/readings", json={"readings": [body]}).status_code == 422


def test_a_token_does_what_it_was_made_for_and_its_person_may(made: Made) -> None:
    both = made.machine("coordinator", "import", "see")
    assert upload(both, csv_bytes(protocols(1)), source="scanner").status_code == 403
    assert upload(made.machine("clerk", "propose"), csv_bytes(protocols(1))).status_code == 403
    assert made.machine("clerk", "propose").get("/status").status_code == 403
    lock(made.office, OPERATOR, "coordinator")
    assert both.get("/status").status_code == 401


def test_a_token_is_nothing_when_revoked_expired_or_made_up(made: Made) -> None:
    machine = made.machine("coordinator", "see")
    assert machine.get("/status").status_code == 200
    (token,) = list_tokens(made.office, OPERATOR)
    revoke_token(made.office, OPERATOR, token.id)
    answer = machine.get("/status")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    for header in ("Bearer tallyscope_x", "Bearer", "Basic eDp5", f"Bearer tallyscope_{'x' * 43}"):
        assert machine.get("/status", headers={"Authorization": header}).status_code == 401
    assert made.as_("clerk").client.get("/api/v1/status").status_code == 401


def test_a_machine_reads_below_its_commission_and_nothing_beside_it(made: Made) -> None:
    upload(made.machine("coordinator", "import"), csv_bytes(protocols(6)))
    north, south = made.machine("clerk", "see"), made.machine("clerk-south", "see", place=SOUTH)
    assert north.get("/status").json() | {"title": ""} == {
        "election": ELECTION.id,
        "title": "",
        "origin": "made.example/count",
        "commission": [NORTH],
        "processed": 6,
        "of": 6,
        "versions": 6,
    }
    assert len(south.get("/stations").json()["stations"]) == 2
    assert south.get("/versions").json() == {"versions": [], "next": None}
    assert south.get("/versions", params={"station": key(protocols(1)[0])}).json()["versions"] == []
    assert south.get("/versions/0").status_code == south.get("/versions/0/proof").status_code == 404
    assert north.get("/versions/0/proof").status_code == 200


def test_pages_lead_through_everything_once(made: Made) -> None:
    upload(made.machine("coordinator", "import"), csv_bytes(protocols(6)))
    machine = made.machine("admin", "see")
    for what, mark in (("stations", "key"), ("versions", "number")):
        seen, start = [], 0
        while start is not None:
            page = machine.get(f"/{what}", params={"start": start, "limit": 4}).json()
            seen += [found[mark] for found in page[what]]
            start = page["next"]
        assert len(seen) == len(set(seen)) == {"stations": 8, "versions": 6}[what]


def test_a_proof_leads_from_the_version_to_the_root(made: Made) -> None:
    from tallyscope.ledger.core.merkle import included

    upload(made.machine("coordinator", "import"), csv_bytes(protocols(6)))
    said = made.machine("clerk", "see").get("/versions/3/proof", params={"size": 5}).json()
    path = [bytes.fromhex(hash) for hash in said["path"]]
    root = made.ledger.root(5)
    assert root.hex() == said["root"]
    assert included(bytes.fromhex(said["leaf_hash"]), 3, 5, path, root)
    assert json.loads(said["leaf"])["station"] == key(protocols(4)[3])


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x.csv", "/etc/shadow", "a\x00b.csv", ".", "", "=x.csv"]
)
def test_a_files_name_leads_nowhere(made: Made, name: str) -> None:
    answer = upload(made.machine("coordinator", "import"), csv_bytes(protocols(1)), name)
    assert answer.status_code in (200, 422)
    assert ".." not in json.dumps(answer.json().get("problems", []))
    assert "/etc" not in answer.text


def test_an_upload_that_unfolds_too_far_is_refused(made: Made) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", b"0," * (200 << 20 >> 1))
    answer = upload(made.machine("coordinator", "import"), packed.getvalue(), "bomb.zip")
    assert answer.status_code == 422
    assert "would unfold to" in answer.text


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(made: Made) -> None:
    def endless() -> Any:
        yield b"x"
        raise AssertionError("the body was read")

    machine = made.machine("coordinator", "import")
    headers = {"Content-Length": str(1 << 40), "Content-Type": "multipart/form-data; boundary=x"}
    assert machine.post("/imports", content=endless(), headers=headers).status_code == 413
    nobody = TestClient(made.app, base_url="https://localhost/api/v1")
    assert nobody.post("/imports", content=endless(), headers=headers).status_code in (401, 413)
    page = {"Content-Length": str(2 << 20), "Content-Type": "application/x-www-form-urlencoded"}
    answer = made.browser().client.post("/login", content=endless(), headers=page)
    assert answer.status_code == 413


def test_an_upload_of_unknown_length_is_refused_when_it_is_too_large(made: Made) -> None:
    def chunks() -> Any:
        for _ in range(3 << 4):
            yield b"x" * (1 << 16)

    answer = made.browser().client.post(
        "/login", content=chunks(), headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413


def test_every_import_is_in_the_audit_trail(made: Made) -> None:
    upload(made.machine("coordinator", "import"), csv_bytes(protocols(2)), "=evil.csv")
    text = made.as_("admin").open("/admin/audit.csv?action=import").text
    assert "coordinator (scanner 7)" in text
    assert commission(made.office, NORTH) in {t.commission for t in list_tokens(made.office, OPERATOR)}


def test_the_same_key_sent_at_once_is_done_once(everywhere: Made) -> None:
    """Eight machines' worth of impatience: one import; the others wait, or are given its answer."""
    machine = everywhere.machine("coordinator", "import")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: upload(machine, csv_bytes(protocols(3)), key="once"), range(8)))
    statuses = {answer.status_code for answer in answers}
    assert 200 in statuses
    assert statuses <= {200, 409}
    assert {answer.json()["new"] for answer in answers if answer.status_code == 200} == {3}
    assert everywhere.ledger.size == 3
    assert upload(machine, csv_bytes(protocols(3)), key="once").json()["new"] == 3


def test_a_key_whose_request_died_is_taken_up_again(made: Made) -> None:
    """The service was stopped between taking the key and answering: ten minutes later it is done, and once."""
    from sqlalchemy import update

    from tallyscope.ledger.accounts.tables import idempotency

    machine = made.machine("coordinator", "import")
    assert upload(machine, csv_bytes(protocols(3)), key="k").json()["new"] == 3
    died = {"status": None, "answer": None}
    with made.office.writing() as connection:
        connection.execute(update(idempotency).values(died))
    assert upload(machine, csv_bytes(protocols(3)), key="k").status_code == 409
    with made.office.writing() as connection:
        connection.execute(update(idempotency).values(at=made.office.now() - timedelta(minutes=11)))
    again = upload(machine, csv_bytes(protocols(3)), key="k").json()
    assert (again["new"], again["unchanged"], made.ledger.size) == (0, 3, 3)


def test_an_observers_copies_are_kept_beside_the_official_count_and_never_in_it(made: Made) -> None:
    observer = made.machine("observer", "copy", "see")
    row = protocols(1)[0]
    said = observer.post("/readings", json={"source": "observer", "readings": [reading(row)]})
    assert said.json() == {"added": 1, "versions": [0]}
    assert upload(observer, csv_bytes(protocols(3)), source="photo").json()["new"] == 3
    assert upload(observer, csv_bytes(protocols(3))).status_code == 403
    assert observer.post("/readings", json={"readings": [reading(row)]}).status_code == 403
    assert [v.source for v in made.ledger.versions()] == ["observer", "photo", "photo", "photo"]
    assert observer.get("/status").json()["processed"] == 0
    # What an observer saw is not laid before a clerk as if a machine had read it.
    clerk = made.as_("clerk")
    seen = re.findall(r'name="(seen|serial)" value="(\d+)"', clerk.open("/entry/1").text)
    clerk.send("/entry/1/begin", dict(seen), form="/work")
    page = clerk.open("/entry/1").text
    assert 'name="line.' in page
    assert "A machine has read these figures" not in page
