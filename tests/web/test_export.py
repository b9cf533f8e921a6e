"""The static copy: whole or not at all, changed files only, and the manifest that says what is in it."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from made_night import as_of
from tallyscope.web.public import export
from tallyscope.web.public.export import NotOurs, publish
from tallyscope.web.public.invariants import Inconsistent
from tallyscope.web.public.published import Published
from tallyscope.web.public.site import content, paths
from web.made_public import made_night, stations_of_made


def earlier() -> Published:
    """The bulletin before the last one of the made night."""
    night = made_night()
    size = night.bulletins[1].size
    history = night.history.head(size)
    returns = as_of(stations_of_made(), night.history, size)
    return replace(
        night, bulletins=night.bulletins[1:], history=history, leaves=night.leaves[:size], returns=returns
    )


def files_of(folder: Path) -> set[str]:
    root = folder.resolve()
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}


def test_the_folder_has_the_files_of_the_site_byte_for_byte_and_a_manifest_of_them(tmp_path: Path) -> None:
    night, site = made_night(), tmp_path / "site"
    done = publish(night, site)
    assert files_of(site) == {*paths(night), "manifest.json"}
    manifest = json.loads((site / "manifest.json").read_text())
    assert manifest["record"] == {"size": 251, "root": night.latest.root, "checkpoint": ""}
    assert (done.written, done.kept, done.bulletin) == (len(manifest["files"]), 0, 3)
    for path, entry in manifest["files"].items():
        body = (site / path).read_bytes()
        assert body == content(night, path)
        assert (entry["size"], entry["sha256"]) == (len(body), sha256(body).hexdigest())


def test_the_next_bulletin_rewrites_what_it_changed_and_ends_as_a_copy_from_nothing(tmp_path: Path) -> None:
    publish(earlier(), tmp_path / "site")
    done = publish(made_night(), tmp_path / "site")
    assert done.kept > 2
    publish(made_night(), tmp_path / "fresh")
    for path in files_of(tmp_path / "fresh"):
        assert (tmp_path / "site" / path).read_bytes() == (tmp_path / "fresh" / path).read_bytes(), path
    assert files_of(tmp_path / "site") == files_of(tmp_path / "fresh")
    assert publish(made_night(), tmp_path / "site").written == 0


def test_one_copy_is_left_and_its_files_can_be_read_by_a_web_server(tmp_path: Path) -> None:
    for night in (earlier(), made_night(), made_night()):
        publish(night, tmp_path / "site")
    assert len([p for p in tmp_path.iterdir() if p.is_dir() and not p.is_symlink()]) == 1
    assert (tmp_path / "site").resolve().stat().st_mode & 0o005 == 0o005


def test_a_kept_file_that_was_altered_is_written_again(tmp_path: Path) -> None:
    publish(made_night(), tmp_path / "site")
    (tmp_path / "site" / "en" / "u" / "5.html").write_text("altered")
    assert publish(made_night(), tmp_path / "site").written == 1
    assert (tmp_path / "site" / "en" / "u" / "5.html").read_bytes() == content(made_night(), "en/u/5.html")


def test_an_export_that_fails_leaves_the_copy_that_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(earlier(), tmp_path / "site")
    before = {p: (tmp_path / "site" / p).read_bytes() for p in files_of(tmp_path / "site")}

    def full(published: Published, path: str) -> bytes:
        if path == "data/stations.csv":
            raise OSError(28, "No space left on device")
        return content(published, path)

    monkeypatch.setattr(export, "content", full)
    with pytest.raises(OSError, match="No space left"):
        publish(made_night(), tmp_path / "site")
    assert {p: (tmp_path / "site" / p).read_bytes() for p in files_of(tmp_path / "site")} == before
    assert len([p for p in tmp_path.iterdir() if p.is_dir() and not p.is_symlink()]) == 1


def test_what_an_interrupted_export_left_is_taken_away(tmp_path: Path) -> None:
    publish(earlier(), tmp_path / "site")
    (tmp_path / ".site-abc" / "en").mkdir(parents=True)
    publish(made_night(), tmp_path / "site")
    assert not (tmp_path / ".site-abc").exists()


def test_a_bulletin_that_does_not_hold_is_not_written(tmp_path: Path) -> None:
    night = made_night()
    with pytest.raises(Inconsistent):
        publish(replace(night, history=night.history.head(10)), tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_folder_of_somebody_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.txt").write_text("mine")
    with pytest.raises(NotOurs, match="name another folder"):
        publish(made_night(), tmp_path / "site")
    assert (tmp_path / "site" / "thesis.txt").read_text() == "mine"


def test_compressed_files_stand_beside_the_plain_ones_and_follow_them(tmp_path: Path) -> None:
    publish(earlier(), tmp_path / "site", compress=True)
    done = publish(made_night(), tmp_path / "site", compress=True)
    assert done.kept > 2
    zipped = {p for p in files_of(tmp_path / "site") if p.endswith(".gz")}
    assert "en/index.html.gz" in zipped
    for path in zipped:
        file = tmp_path / "site" / path
        assert gzip.decompress(file.read_bytes()) == file.with_suffix("").read_bytes()


def test_another_template_makes_every_page_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(made_night(), tmp_path / "site")
    monkeypatch.setattr(export, "made_by", lambda: "another version")
    assert publish(made_night(), tmp_path / "site").kept == 0
