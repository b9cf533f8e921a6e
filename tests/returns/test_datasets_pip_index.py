"""Finding a wheel on a package index: PEP 691, PEP 503, and what pip is set up for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from loopback_server import Answer, Loopback, loopback
from tallyscope.returns.datasets.catalogue import Wheel
from tallyscope.returns.datasets.pip_index import DEFAULT_INDEX, PipSettings, pip_settings, settings_from, wheel_url
from tallyscope.returns.datasets.transport import ChecksumError, FetchError, Patience

WHEEL = Wheel("ysk", "0.1.3", "ysk-0.1.3-py3-none-any.whl")
SHA = "9792ab07b2fb9facd23a0b189d873740646a2c1ad02544a3d10870857eb70118"
QUICK = Patience(timeout=5, attempts=2, pause=0.001)
JSON = (("Content-Type", "application/vnd.pypi.simple.v1+json"),)
HTML = (("Content-Type", "text/html; charset=utf-8"),)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with loopback() as served:
        yield served


def json_page(*files: tuple[str, str, str]) -> Answer:
    """A project's page by PEP 691; files: name, url, SHA-256."""
    entries = [{"filename": n, "url": u, "hashes": {"sha256": d} if d else {}} for n, u, d in files]
    page = {"meta": {"api-version": "1.0"}, "name": "ysk", "files": entries}
    return Answer(json.dumps(page).encode(), headers=JSON)


def test_the_pinned_wheel_is_picked_among_versions_and_kinds(server: Loopback) -> None:
    server.gives(
        "/simple/ysk/",
        json_page(
            ("ysk-0.1.0-py3-none-any.whl", "https://files/old.whl", "00"),
            ("ysk-0.1.3.tar.gz", "https://files/ysk.tar.gz", "00"),
            (WHEEL.filename, "https://files/right.whl", SHA),
        ),
    )
    assert wheel_url(WHEEL, SHA, [server.url + "/simple"], QUICK) == "https://files/right.whl"
    assert "application/vnd.pypi.simple.v1+json" in server.asked[0][1]["Accept"]


@pytest.mark.parametrize("index", ["/simple", "/simple/"])
def test_addresses_relative_to_the_page_are_made_whole(server: Loopback, index: str) -> None:
    server.gives("/simple/ysk/", json_page((WHEEL.filename, f"../../files/{WHEEL.filename}", "")))
    assert wheel_url(WHEEL, SHA, [server.url + index], QUICK) == f"{server.url}/files/{WHEEL.filename}"


def test_an_index_that_knows_only_html_is_understood(server: Loopback) -> None:
    page = (
        '<!DOCTYPE html><a href="/f/ysk-0.1.0-py3-none-any.whl#sha256=00">ysk-0.1.0</a>'
        f'<a data-requires-python="&gt;=3.12" href="/f/{WHEEL.filename}#sha256={SHA}">{WHEEL.filename}</a>'
    )
    server.gives("/simple/ysk/", Answer(page.encode(), headers=HTML))
    assert wheel_url(WHEEL, SHA, [server.url + "/simple"], QUICK) == f"{server.url}/f/{WHEEL.filename}"


def test_an_index_that_announces_another_checksum_is_not_believed(server: Loopback) -> None:
    server.gives("/simple/ysk/", json_page((WHEEL.filename, "https://files/forged.whl", "f" * 64)))
    with pytest.raises(ChecksumError) as error:
        wheel_url(WHEEL, SHA, [server.url + "/simple"], QUICK)
    assert "f" * 64 in str(error.value)
    assert SHA in str(error.value)


def test_the_next_index_is_asked_where_one_has_no_such_project_or_version(server: Loopback) -> None:
    server.gives("/two/ysk/", json_page(("ysk-0.1.0-py3-none-any.whl", "https://files/old.whl", "")))
    server.gives("/three/ysk/", json_page((WHEEL.filename, "https://files/right.whl", SHA)))
    indexes = [f"{server.url}/{name}" for name in ("one", "two", "three")]
    assert wheel_url(WHEEL, SHA, indexes, QUICK) == "https://files/right.whl"
    with pytest.raises(FetchError, match=r"one/ysk/: the server answers 404.*two/ysk/ does not have ysk-0\.1\.3"):
        wheel_url(WHEEL, SHA, indexes[:2], QUICK)


@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"files": [{"filename": "x"}]}', b'{"files": 3}'])
def test_a_page_that_is_no_index_is_an_error_not_a_crash(server: Loopback, body: bytes) -> None:
    server.gives("/simple/ysk/", Answer(body, headers=JSON))
    with pytest.raises(FetchError, match="not a page of a package index"):
        wheel_url(WHEEL, SHA, [server.url + "/simple"], QUICK)


def test_a_password_goes_to_its_host_only_and_never_into_a_message(server: Loopback) -> None:
    with_password = server.url.replace("http://", "http://ann:s3cret@")
    server.gives("/simple/ysk/", json_page((WHEEL.filename, "/f/x.whl", SHA)))
    assert wheel_url(WHEEL, SHA, [with_password + "/simple"], QUICK) == f"{with_password}/f/x.whl"
    assert server.asked[0][1]["Authorization"] == "Basic " + base64.b64encode(b"ann:s3cret").decode()
    server.gives("/simple/ysk/", json_page((WHEEL.filename, "https://elsewhere/x.whl", SHA)))
    assert wheel_url(WHEEL, SHA, [with_password + "/simple"], QUICK) == "https://elsewhere/x.whl"
    with pytest.raises(FetchError) as error:
        wheel_url(WHEEL, SHA, [with_password + "/none"], QUICK)
    assert "s3cret" not in str(error.value)


def test_a_password_is_not_sent_along_a_redirect(server: Loopback) -> None:
    with loopback() as other:
        other.gives("/ysk/", json_page((WHEEL.filename, "https://files/right.whl", SHA)))
        server.gives("/simple/ysk/", Answer(status=301, headers=(("Location", other.url + "/ysk/"),)))
        with_password = server.url.replace("http://", "http://ann:s3cret@")
        assert wheel_url(WHEEL, SHA, [with_password + "/simple"], QUICK) == "https://files/right.whl"
        assert "Authorization" in server.asked[0][1]
        assert "Authorization" not in other.asked[0][1]


LISTING = """\
download.cert='/etc/own.pem'
global.extra-index-url='https://extra/simple file:///folder/simple'
global.index-url='https://mirror/simple'
global.timeout='60'
:env:.index-url='https://environment/simple'
"""


def test_without_any_configuration_it_is_the_public_index() -> None:
    assert settings_from("", {}) == PipSettings((DEFAULT_INDEX,), None)


def test_pips_configuration_is_followed_and_folders_are_left_to_pip() -> None:
    assert settings_from(LISTING, {}) == PipSettings(
        ("https://mirror/simple", "https://extra/simple"), "/etc/own.pem"
    )


def test_the_environment_comes_before_pips_files() -> None:
    environment = {"PIP_INDEX_URL": "https://environment/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_CERT": "/x.pem"}
    settings = settings_from(LISTING, environment)
    assert settings.indexes[0] == "https://environment/simple"
    assert settings.certificates == "/x.pem"


def test_pip_of_this_machine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert pip_settings().indexes[0] == "http://127.0.0.1:9/simple"


def test_where_there_is_no_pip_the_environment_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    assert pip_settings().indexes == ("http://127.0.0.1:9/simple",)
