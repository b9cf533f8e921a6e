"""The live site: from memory, one look for everybody, a broken bulletin changes nothing; what HTTP asks of it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from tallyscope.web.headers import SafeHeaders
from tallyscope.web.public import live
from tallyscope.web.public.live import LiveSite
from tallyscope.web.public.published import Published
from tallyscope.web.public.router import public_router
from tallyscope.web.public.site import content, paths
from web.made_public import made_night
from web.test_export import earlier


class Fake:
    """Bulletins in memory that count how often they are asked for."""

    def __init__(self, *shown: Published) -> None:
        self.shown, self.asked, self.loaded = list(shown), 0, 0

    def newest(self) -> int | None:
        self.asked += 1
        return self.shown[-1].latest.number if self.shown else None

    def load(self, number: int) -> Published:
        self.loaded += 1
        return next(p for p in self.shown if p.latest.number == number)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def always(site: LiveSite) -> Callable[[Request], LiveSite]:
    return lambda _request: site


@pytest.fixture
def served() -> Iterator[tuple[TestClient, Fake, Clock]]:
    fake, clock = Fake(earlier()), Clock()
    app = FastAPI()
    app.include_router(public_router(always(LiveSite(fake, every=2.0, clock=clock))))
    app.add_middleware(SafeHeaders)
    with TestClient(app) as client:
        yield client, fake, clock


def test_every_file_of_the_site_is_served_as_it_is_exported(served: tuple[TestClient, Fake, Clock]) -> None:
    client, _fake, _clock = served
    for path in paths(earlier()):
        if path.startswith(("en/", "ru/", "data/", "record/")):
            answer = client.get(f"/{path}")
            assert answer.status_code == 200
            assert answer.content == content(earlier(), path), path


def test_a_thousand_readers_cost_one_look_for_a_newer_bulletin(served: tuple[TestClient, Fake, Clock]) -> None:
    client, fake, _clock = served
    for _ in range(1000):
        client.get("/en/index.html")
    assert (fake.asked, fake.loaded) == (1, 1)


def test_a_newer_bulletin_takes_its_place_when_it_is_due(served: tuple[TestClient, Fake, Clock]) -> None:
    client, fake, clock = served
    assert "bulletin 2" in client.get("/en/index.html").text
    fake.shown.append(made_night())
    assert "bulletin 2" in client.get("/en/index.html").text
    clock.now = 3.0
    client.get("/en/index.html")
    assert "bulletin 3" in client.get("/en/index.html").text
    assert client.get("/en/u/5.html").content == content(made_night(), "en/u/5.html")


def test_a_bulletin_that_does_not_hold_leaves_the_one_before_it(served: tuple[TestClient, Fake, Clock]) -> None:
    client, fake, clock = served
    before = client.get("/en/index.html").text
    night = made_night()
    fake.shown.append(replace(night, history=night.history.head(3)))
    clock.now = 3.0
    for _ in range(3):
        assert client.get("/en/index.html").text == before


def test_a_page_that_the_browser_has_is_not_sent_again(served: tuple[TestClient, Fake, Clock]) -> None:
    client, _fake, _clock = served
    first = client.get("/en/index.html")
    again = client.get("/en/index.html", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert client.get("/en/index.html", headers={"If-None-Match": '"other"'}).status_code == 200


def test_who_takes_gzip_is_sent_gzip_under_an_etag_of_its_own(served: tuple[TestClient, Fake, Clock]) -> None:
    client, _fake, _clock = served
    zipped = client.get("/en/index.html", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/en/index.html", headers={"Accept-Encoding": "identity, gzip;q=0"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.headers["etag"] != plain.headers["etag"]
    assert zipped.content == plain.content
    assert zipped.headers["vary"] == "Accept-Encoding"


def test_a_head_request_has_the_headers_and_no_body(served: tuple[TestClient, Fake, Clock]) -> None:
    client, _fake, _clock = served
    whole = client.get("/en/index.html", headers={"Accept-Encoding": "identity"})
    head = client.head("/en/index.html", headers={"Accept-Encoding": "identity"})
    assert head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))


def test_the_first_page_is_in_the_language_that_the_browser_asks_for(
    served: tuple[TestClient, Fake, Clock],
) -> None:
    client, _fake, _clock = served
    answer = client.get("/", headers={"Accept-Language": "ru,en;q=0.5"}, follow_redirects=False)
    assert answer.headers["location"] == "/ru/index.html"


@pytest.mark.parametrize(
    "path", ["/en/nothing.html", "/en/%2e%2e/%2e%2e/etc/passwd", "/data/x", "/record/9.jsonl", "/en/u/1e3.html"]
)
def test_what_is_not_there_is_not_found(served: tuple[TestClient, Fake, Clock], path: str) -> None:
    assert served[0].get(path).status_code == 404


def test_nothing_but_reading_is_allowed_and_no_cookie_is_set(served: tuple[TestClient, Fake, Clock]) -> None:
    client, _fake, _clock = served
    assert client.post("/en/index.html").status_code == 405
    assert "set-cookie" not in client.get("/en/index.html").headers


def test_before_the_first_bulletin_the_page_says_that_there_is_none() -> None:
    app = FastAPI()
    app.include_router(public_router(always(LiveSite(Fake()))))
    with TestClient(app) as client:
        assert "No bulletin yet" in client.get("/en/index.html").text
        assert client.get("/data/stations.csv").status_code == 404


def test_memory_is_bounded_and_what_was_dropped_is_made_again() -> None:
    site = LiveSite(Fake(made_night()), memory=60_000)
    site.look()
    for path in paths(made_night()):
        assert site.answer(path).body == content(made_night(), path)
    assert sum(answer.weight for answer in site._kept.values()) <= max(
        60_000, max(answer.weight for answer in site._kept.values())
    )


def test_a_file_that_takes_long_to_make_keeps_nobody_waiting_for_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    site = LiveSite(Fake(made_night()))
    site.look()
    begun, go_on = threading.Event(), threading.Event()

    def slow(published: Published, path: str) -> bytes:
        if path == "data/nist-1500-100.json":
            begun.set()
            assert go_on.wait(30)
        return content(published, path)

    monkeypatch.setattr(live, "content", slow)
    reader = threading.Thread(target=site.answer, args=("data/nist-1500-100.json",))
    reader.start()
    assert begun.wait(30)
    assert site.answer("en/u/4.html").body == content(made_night(), "en/u/4.html")
    go_on.set()
    reader.join()


def test_a_file_is_made_once_however_many_ask_for_it_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    site, made = LiveSite(Fake(made_night())), list[str]()
    site.look()

    def counted(published: Published, path: str) -> bytes:
        made.append(path)
        return content(published, path)

    monkeypatch.setattr(live, "content", counted)
    threads = [threading.Thread(target=site.answer, args=("en/u/4.html",)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["en/u/4.html"]


def test_readers_at_the_same_moment_are_all_answered(served: tuple[TestClient, Fake, Clock]) -> None:
    site = LiveSite(Fake(made_night()))
    site.look()
    wrong: list[str] = []

    def read() -> None:
        for path in ("en/index.html", "en/u/4.html", "ru/missing.html"):
            answer = site.answer(path)
            if gzip.decompress(answer.zipped or gzip.compress(answer.body)) != content(made_night(), path):
                wrong.append(path)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
