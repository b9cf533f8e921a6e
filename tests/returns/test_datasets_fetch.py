"""Fetching from a server on the loopback: what arrives is whole and verified, or nothing is there."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopback_server import Answer, Loopback, loopback
from tallyscope.returns.datasets.catalogue import Dataset, DatasetFile
from tallyscope.returns.datasets.fetch import default_folder, fetch_dataset, install_dataset, is_here
from tallyscope.returns.datasets.transport import ChecksumError, FetchError, Patience, Progress, shown

CONTENT = "uik,Число избирателей\n1,1200\n".encode() * 20_000
QUICK = Patience(timeout=5, attempts=3, pause=0.001)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with loopback() as served:
        yield served


def file_at(url: str, content: bytes = CONTENT, name: str = "2012.csv.zip") -> DatasetFile:
    return DatasetFile(name, len(content), hashlib.sha256(content).hexdigest(), url)


def of(*files: DatasetFile) -> Dataset:
    return Dataset("some-election", "Some election", "source", "https://page", "licence", 1, files=files)


def test_a_file_arrives_byte_for_byte_and_alone(server: Loopback, tmp_path: Path) -> None:
    dataset = of(file_at(server.gives("/2012.csv.zip", Answer(CONTENT))))
    (path,) = fetch_dataset(dataset, tmp_path / "new" / "folder", QUICK)
    assert path.read_bytes() == CONTENT
    assert [p.name for p in path.parent.iterdir()] == ["2012.csv.zip"]


def test_a_file_that_is_here_is_not_fetched_again_but_one_that_was_changed_is(
    server: Loopback, tmp_path: Path
) -> None:
    dataset = of(file_at(server.gives("/f", Answer(CONTENT))))
    (path,) = fetch_dataset(dataset, tmp_path, QUICK)
    assert fetch_dataset(dataset, tmp_path, QUICK) == (path,)
    assert server.times("/f") == 1
    path.write_bytes(CONTENT[:-1] + b"!")
    fetch_dataset(dataset, tmp_path, QUICK)
    assert server.times("/f") == 2
    assert path.read_bytes() == CONTENT


def test_another_checksum_is_an_error_that_says_both_and_is_not_tried_again(
    server: Loopback, tmp_path: Path
) -> None:
    forged = CONTENT[:-1] + b"!"
    dataset = of(file_at(server.gives("/f", Answer(forged))))
    with pytest.raises(ChecksumError) as error:
        fetch_dataset(dataset, tmp_path, QUICK)
    assert hashlib.sha256(forged).hexdigest() in str(error.value)
    assert hashlib.sha256(CONTENT).hexdigest() in str(error.value)
    assert server.times("/f") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_breaks_off_is_tried_again(server: Loopback, tmp_path: Path) -> None:
    half = Answer(CONTENT[: len(CONTENT) // 2], promised=len(CONTENT))
    dataset = of(file_at(server.gives("/f", half, Answer(CONTENT))))
    (path,) = fetch_dataset(dataset, tmp_path, QUICK)
    assert path.read_bytes() == CONTENT
    assert server.times("/f") == 2


def test_a_download_that_always_breaks_off_says_how_far_it_came_and_leaves_nothing(
    server: Loopback, tmp_path: Path
) -> None:
    half = Answer(CONTENT[:1000], promised=len(CONTENT))
    dataset = of(file_at(server.gives("/f", half)))
    with pytest.raises(FetchError, match=f"ended after 1,000 of {len(CONTENT):,} bytes"):
        fetch_dataset(dataset, tmp_path, QUICK)
    assert server.times("/f") == QUICK.attempts
    assert list(tmp_path.iterdir()) == []


def test_a_file_longer_than_the_catalogue_says_is_cut_off(server: Loopback, tmp_path: Path) -> None:
    dataset = of(replace(file_at(server.gives("/f", Answer(CONTENT))), size=1000))
    with pytest.raises(ChecksumError, match="longer than the 1,000 bytes"):
        fetch_dataset(dataset, tmp_path, QUICK)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_said_with_its_address_at_once(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"/gone: the server answers 404"):
        fetch_dataset(of(file_at(server.url + "/gone")), tmp_path, QUICK)
    assert server.times("/gone") == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble_is_asked_again(server: Loopback, tmp_path: Path, status: int) -> None:
    dataset = of(file_at(server.gives("/f", Answer(b"later", status), Answer(CONTENT))))
    (path,) = fetch_dataset(dataset, tmp_path, QUICK)
    assert path.read_bytes() == CONTENT


def test_a_server_that_stays_in_trouble_is_given_up_on(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="the server answers 503"):
        fetch_dataset(of(file_at(server.gives("/f", Answer(b"", 503)))), tmp_path, QUICK)
    assert server.times("/f") == QUICK.attempts


def test_redirects_are_followed(server: Loopback, tmp_path: Path) -> None:
    server.gives("/there", Answer(CONTENT))
    url = server.gives("/here", Answer(status=302, headers=(("Location", "/there"),)))
    (path,) = fetch_dataset(of(file_at(url)), tmp_path, QUICK)
    assert path.read_bytes() == CONTENT


def test_a_redirect_to_a_file_of_this_machine_is_refused(server: Loopback, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(CONTENT)
    url = server.gives("/here", Answer(status=302, headers=(("Location", secret.as_uri()),)))
    with pytest.raises(FetchError):
        fetch_dataset(of(file_at(url)), tmp_path / "to", QUICK)
    with pytest.raises(FetchError, match="only http and https"):
        fetch_dataset(of(file_at(secret.as_uri())), tmp_path / "to", QUICK)
    assert list((tmp_path / "to").iterdir()) == []


def test_without_a_network_the_message_names_the_host_and_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 does not answer .* --from"):
        fetch_dataset(of(file_at(f"http://127.0.0.1:{port}/f")), tmp_path, QUICK)


def test_a_silent_server_is_not_waited_for_beyond_the_timeout(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/f"
        with pytest.raises(FetchError, match="timed out"):
            fetch_dataset(of(file_at(url)), tmp_path, Patience(timeout=0.05, attempts=2, pause=0.001))


def test_of_several_files_all_arrive_or_none(server: Loopback, tmp_path: Path) -> None:
    first = file_at(server.gives("/a", Answer(CONTENT)), name="a.csv")
    second = file_at(server.gives("/b", Answer(b"", 404), Answer(b"x")), b"x", name="b.csv")
    with pytest.raises(FetchError):
        fetch_dataset(of(first, second), tmp_path, QUICK)
    assert list(tmp_path.iterdir()) == []
    assert [p.name for p in fetch_dataset(of(first, second), tmp_path, QUICK)] == ["a.csv", "b.csv"]


def test_progress_is_told_up_to_the_last_byte(server: Loopback, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    def progress(file: DatasetFile) -> Progress:
        return lambda received, total: told.append((file.name, received, total))

    fetch_dataset(of(file_at(server.gives("/f", Answer(CONTENT)))), tmp_path, QUICK, progress)
    assert told[-1] == ("2012.csv.zip", len(CONTENT), len(CONTENT))
    assert [t[1] for t in told] == sorted(t[1] for t in told)


def test_a_set_that_is_only_listed_says_why_and_where_its_source_is(tmp_path: Path) -> None:
    dataset = Dataset("x", "X", "source", "https://page", "licence", 1, not_fetchable="it was pivoted")
    with pytest.raises(FetchError, match=r"listed, not fetchable: it was pivoted. Its source: https://page"):
        fetch_dataset(dataset, tmp_path / "to", QUICK)
    assert not (tmp_path / "to").exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FetchError, match="file"):
        fetch_dataset(of(file_at("http://127.0.0.1:9/f")), tmp_path / "file" / "to", QUICK)


def test_files_brought_by_other_means_are_verified_and_put_in_place(tmp_path: Path) -> None:
    carried = tmp_path / "stick"
    carried.mkdir()
    (carried / "renamed.bin").write_bytes(CONTENT)
    (carried / "other").write_bytes(b"other")
    dataset = of(file_at("http://127.0.0.1:9/f"))
    (path,) = install_dataset(dataset, [carried], tmp_path / "to")
    assert path.read_bytes() == CONTENT
    assert (carried / "renamed.bin").exists()
    (path,) = install_dataset(dataset, [carried / "renamed.bin"], tmp_path / "to2")
    assert path.read_bytes() == CONTENT


def test_files_brought_by_other_means_that_are_wrong_or_missing_are_refused(tmp_path: Path) -> None:
    dataset = of(file_at("http://127.0.0.1:9/f"))
    wrong = tmp_path / "2012.csv.zip"
    wrong.write_bytes(b"wrong")
    with pytest.raises(ChecksumError, match=hashlib.sha256(b"wrong").hexdigest()):
        install_dataset(dataset, [wrong], tmp_path / "to")
    with pytest.raises(FetchError, match=r"2012\.csv\.zip .* is not among"):
        install_dataset(dataset, [tmp_path / "nothing"], tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []


def test_data_lie_in_the_users_data_folder_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Loopback
) -> None:
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, **_: tmp_path / name)
    dataset = of(file_at(server.gives("/f", Answer(CONTENT))))
    (path,) = fetch_dataset(dataset, patience=QUICK)
    assert path == tmp_path / "tallyscope" / "datasets" / "some-election" / "2012.csv.zip"
    assert default_folder(dataset) == path.parent
    assert is_here(dataset.files[0], path.parent)


@given(user=st.text(min_size=1, max_size=8), secret=st.text(min_size=8, max_size=16))
def test_a_password_in_an_address_is_never_shown(user: str, secret: str) -> None:
    from urllib.parse import quote

    hidden = quote(secret, safe="")
    assert shown(f"https://{quote(user, safe='')}:{hidden}@host/simple/x/") == "https://host/simple/x/"
