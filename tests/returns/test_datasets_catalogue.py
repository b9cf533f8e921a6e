"""The catalogue of public data sets: complete, pinned, and helpful when a name is mistyped."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tallyscope.election.load import election_ids
from tallyscope.returns.datasets import UnknownDataset, datasets, find_dataset
from tallyscope.returns.datasets.catalogue import CatalogueError, catalogue_from_toml

ENTRY = '[[datasets]]\nid = "a"\ntitle = "A"\nsource = "s"\npage = "p"\nlicence = "l"\nrows = 1\n'
FILE = '[[datasets.files]]\nname = "{name}"\nsize = 1\nsha256 = "00"\n'


def test_every_shared_data_set_is_in_the_catalogue_under_its_folders_name(shared_data: Path) -> None:
    folders = {p.name for p in shared_data.iterdir() if p.is_dir()}
    assert {d.id for d in datasets()} == folders


def test_every_election_named_is_in_the_registry_and_every_registered_one_has_a_data_set() -> None:
    named = {d.election for d in datasets() if d.election}
    assert named == set(election_ids())


def test_every_download_is_pinned_to_a_commit_or_a_version_and_has_a_checksum() -> None:
    for dataset in datasets():
        for file in dataset.files:
            assert len(bytes.fromhex(file.sha256)) == 32
            assert file.size > 0
            if file.wheel:
                assert file.wheel.version in file.wheel.filename
                assert len(bytes.fromhex(file.content_sha256)) == 32
            else:
                parts = urlsplit(file.url)
                assert (parts.scheme, parts.hostname) == ("https", "raw.githubusercontent.com")
                commit = parts.path.split("/")[3]
                assert len(bytes.fromhex(commit)) == 20


def test_checksums_are_those_of_the_shared_copies(shared_data: Path) -> None:
    for dataset in datasets():
        for file in dataset.files:
            path = shared_data / dataset.id / file.name
            expected = file.content_sha256 or file.sha256
            if not path.exists():  # the shared copy is gzipped
                path = path.with_name(path.name + ".gz")
            data = path.read_bytes()
            if path.suffix == ".gz":
                data = gzip.decompress(data)
            assert hashlib.sha256(data).hexdigest() == expected, path
            if not file.content_sha256:
                assert len(data) == file.size


def test_the_documentation_names_every_data_set() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    assert [d.id for d in datasets() if d.id not in documented] == []


def test_what_cannot_be_fetched_says_why_and_where_its_source_is() -> None:
    for dataset in datasets():
        assert bool(dataset.not_fetchable) != bool(dataset.files)
        assert dataset.page.startswith("https://")
        assert dataset.licence
        assert dataset.source


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("turkey", "turkey-2017-referendum"),
        ("Russia-2012", "russia-2012-president"),
        ("rusia-2012-presidnet", "russia-2012-president"),
        ("2018 mexico", "mexico-2018-quickcount"),
    ],
)
def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(typed: str, meant: str) -> None:
    with pytest.raises(UnknownDataset, match=f"did you mean .*{meant}"):
        find_dataset(typed)


def test_a_name_like_no_other_is_answered_with_all_names() -> None:
    with pytest.raises(UnknownDataset, match=r"there are: russia-2004-president, .*albania-2017-parliament"):
        find_dataset("zzzzzz")


def test_finding_by_id_gives_that_data_set() -> None:
    assert find_dataset("turkey-2017-referendum").election == "TR-REF-2017"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (ENTRY, "either files, or a reason"),
        (ENTRY + FILE.format(name="b.csv"), "either a url or a wheel"),
        (ENTRY + FILE.format(name="../b.csv") + 'url = "https://x/y"', "a name, not a path"),
        (2 * (ENTRY + 'not_fetchable = "why"\n'), "one id"),
        (
            ENTRY
            + FILE.format(name="b.csv")
            + '[datasets.files.wheel]\nproject="p"\nversion="1"\nfilename="p.whl"',
            "checksum of its content",
        ),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(CatalogueError, match=complaint):
        catalogue_from_toml(text)
