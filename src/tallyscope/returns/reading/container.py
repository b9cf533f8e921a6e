"""Opens a file: plain, gzip or zip; never more in memory than a results file can honestly need."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tallyscope.returns.problems import Problem, ReadError

__all__ = ["Member", "open_members"]

#: A packed file may unfold to this many bytes whatever it was packed from ...
FREE_BYTES = 64 << 20
#: ... and beyond that to at most this many times its size. Real results files reach 10 to 25.
MAX_RATIO = 200
#: No input may be larger than this, unpacked.
MAX_BYTES = 8 << 30
_CHUNK = 1 << 20
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet")


@dataclass(frozen=True)
class Member:
    """The bytes of one table. `name` is for messages; `sha256` is that of the file the user gave."""

    name: str
    data: bytes
    sha256: str

    @property
    def suffix(self) -> str:
        """The extension that says what kind of table it is, in lower case."""
        return Path(self.name).suffix.lower()


def open_members(path: Path) -> list[Member]:
    """The tables in a file. Raises ReadError: not there, empty, truncated, or larger than it can honestly be."""
    try:
        raw = path.read_bytes() if path.stat().st_size <= MAX_BYTES else _refuse(path.name, "is larger than 8 GB.")
    except OSError as error:
        raise ReadError([Problem(str(path), f"cannot be opened: {error.strerror or error}.")]) from None
    if not raw:
        raise ReadError([Problem(path.name, "is empty.", "Was the download finished?")])
    digest = hashlib.sha256(raw).hexdigest()
    try:
        if raw[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(raw)) as packed:
                data = _bounded(packed, len(raw), path.name)
            return [Member(path.name.removesuffix(".gz"), data, digest)]
        if raw[:4] == b"PK\x03\x04" or zipfile.is_zipfile(io.BytesIO(raw)):
            return list(_zip_members(raw, path.name, digest))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        hint = "It is truncated or damaged: download it again."
        raise ReadError([Problem(path.name, f"cannot be unpacked ({error}).", hint)]) from None
    return [Member(path.name, raw, digest)]


def _zip_members(raw: bytes, name: str, digest: str) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        infos = archive.infolist()
        if sum(i.file_size for i in infos) > max(FREE_BYTES, MAX_RATIO * len(raw)):
            _refuse(name, f"would unfold to {sum(i.file_size for i in infos):,} bytes.")
        if any(i.filename == "[Content_Types].xml" for i in infos):
            yield Member(name, raw, digest)
            return
        tables = [i for i in infos if Path(i.filename).suffix.lower() in _TABLES and "__MACOSX" not in i.filename]
        if not tables:
            hint = "It should hold a CSV, XLSX or Parquet file."
            raise ReadError([Problem(name, "holds no table.", hint)])
        for info in sorted(tables, key=lambda i: i.filename):
            label = f"{name}:{info.filename}" if len(tables) > 1 else name.removesuffix(".zip")
            if Path(label).suffix.lower() not in _TABLES:
                label = f"{name}:{info.filename}"
            with archive.open(info) as packed:
                data = _bounded(packed, max(info.compress_size, 1), label)
            if data:
                yield Member(label, data, digest)
            else:
                raise ReadError([Problem(label, "is empty.", "Was the download finished?")])


def _bounded(packed: IO[bytes] | gzip.GzipFile, packed_size: int, name: str) -> bytes:
    """Unpacks without trusting what the archive says of its own size."""
    limit = min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * packed_size))
    parts, size = [], 0
    while chunk := packed.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            _refuse(name, f"unfolds to more than {limit:,} bytes from {packed_size:,}.")
        parts.append(chunk)
    return b"".join(parts)


def _refuse(name: str, text: str) -> bytes:
    hint = "No results file is packed like that; it was not read."
    raise ReadError([Problem(name, text, hint)])
