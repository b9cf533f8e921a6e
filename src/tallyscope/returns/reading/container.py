"""Opens a file: plain, gzip or zip; never more in memory than a results file can honestly need."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, NoReturn

from tallyscope.returns.problems import Problem, ReadError
from tallyscope.returns.reading.guard import damaged

__all__ = ["Member", "allowed_bytes", "bare_name", "open_members", "refuse_size"]

#: A packed file may unfold to this many bytes whatever it was packed from ...
FREE_BYTES = 64 << 20
#: ... and beyond that to at most this many times its size. Real results files reach 10 to 25.
MAX_RATIO = 200
#: No input may be larger than this, unpacked.
MAX_BYTES = (4 << 30) - 1
_CHUNK = 1 << 20
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet")
_DAMAGED = "It is truncated or damaged: download it again."
#: How files begin that people take for a table, and what they are.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


@dataclass(frozen=True)
class Member:
    """The bytes of one table. `name` and `sha256` are those of the file the user gave ("2012.csv.zip")."""

    name: str
    data: bytes
    sha256: str
    #: The extension that says what kind of table it is, in lower case: ".csv".
    suffix: str


def open_members(path: Path) -> list[Member]:
    """The tables in a file. Raises ReadError: not there, empty, truncated, or larger than it can honestly be."""
    raw = _bytes_of(path)
    digest = hashlib.sha256(raw).hexdigest()
    with damaged(path.name, "cannot be unpacked", _DAMAGED):
        members = _members(raw, path.name, digest)
    problems = [p for member in members for p in _no_table(member)]
    if problems:
        raise ReadError(problems)
    return members


def _members(raw: bytes, name: str, digest: str) -> list[Member]:
    if raw[:2] == b"\x1f\x8b":
        with gzip.open(io.BytesIO(raw)) as packed:
            data = _bounded(packed, len(raw), name)
        return [Member(name, data, digest, _suffix(re.sub(r"(?i)\.gz$", "", name)))]
    if raw[:4] == b"PK\x03\x04" or zipfile.is_zipfile(io.BytesIO(raw)):
        return list(_zip_members(raw, name, digest))
    return [Member(name, raw, digest, _suffix(name))]


def _bytes_of(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            hint = "Name the files in it." if path.is_dir() else ""
            raise ReadError([Problem(str(path), "is a folder." if hint else "is not a file.", hint)])
        if path.stat().st_size > MAX_BYTES:
            refuse_size(path.name, "is larger than 4 GB.")
        return path.read_bytes()
    except OSError as error:
        raise ReadError([Problem(str(path), f"cannot be opened: {error.strerror or error}.")]) from None
    except ValueError as error:  # a name with a NUL in it
        raise ReadError([Problem(repr(str(path)), f"cannot be opened: {error}.")]) from None


def _no_table(member: Member) -> Iterator[Problem]:
    """What is certainly not a table, said in the words of the person who downloaded it."""
    if not member.data:
        yield Problem(member.name, "is empty.", "Was the download finished?")
    for start, what in _OTHERS:
        if member.data.startswith(start):
            yield Problem(member.name, f"is {what}, not a table.", "It should be a CSV, XLSX or Parquet file.")
    if member.data[:512].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        hint = "Was it a page that asks to log in, or an error message? Download the file itself."
        yield Problem(member.name, "is a web page, not a table.", hint)


def _zip_members(raw: bytes, name: str, digest: str) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        infos = archive.infolist()
        unfolded = sum(i.file_size for i in infos)
        if unfolded > allowed_bytes(len(raw)):
            refuse_size(name, f"would unfold to {unfolded:,} bytes.")
        if any(i.filename in ("[Content_Types].xml", "mimetype") for i in infos):
            yield Member(name, raw, digest, _suffix(name))
            return
        tables = [i for i in infos if _is_table(i)]
        if not tables:
            holds = ", ".join(repr(i.filename) for i in infos[:10]) or "nothing"
            hint = "It should hold a CSV, XLSX or Parquet file."
            raise ReadError([Problem(name, f"holds no table, but {holds}.", hint)])
        for info in sorted(tables, key=lambda i: i.filename):
            label = f"{name}:{info.filename}" if len(tables) > 1 else name
            yield Member(label, _unpacked(archive, info, label), digest, _suffix(info.filename))


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _is_table(info: zipfile.ZipInfo) -> bool:
    """Archives made on a Mac carry a hidden twin of every file."""
    path = PurePosixPath(info.filename)
    hidden = "__MACOSX" in path.parts or path.name.startswith("._")
    return path.suffix.lower() in _TABLES and not hidden and not info.is_dir()


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, label: str) -> bytes:
    if info.flag_bits & 1:
        raise ReadError([Problem(label, "is protected by a password.", "Unpack it first.")])
    try:
        with archive.open(info) as packed:
            return _bounded(packed, max(info.compress_size, 1), label, expected=info.file_size)
    except NotImplementedError as error:
        hint = "Unpack it with the program that made it."
        raise ReadError([Problem(label, f"is packed in a way that cannot be read ({error}).", hint)]) from None


def _bounded(packed: IO[bytes] | gzip.GzipFile, packed_size: int, name: str, expected: int = 0) -> bytes:
    """Unpacks without trusting what the archive says of its size; `expected` saves joining where it is right."""
    limit = allowed_bytes(packed_size)
    parts, size, step = [], 0, max(_CHUNK, min(expected, limit) + 1)
    while chunk := packed.read(step):
        step = _CHUNK
        size += len(chunk)
        if size > limit:
            refuse_size(name, f"unfolds to more than {limit:,} bytes from {packed_size:,}.")
        parts.append(chunk)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def bare_name(name: str) -> str:
    """What a file is called without where it lies and how it is packed: "2012" for "all.zip:russia/2012.csv.gz"."""
    return re.sub(r"(?i)(\.(csv|tsv|txt|gz|zip|xlsx|xlsm|xls|ods|parquet))+$", "", Path(name.split(":")[-1]).name)


def allowed_bytes(packed_size: int) -> int:
    """What so many bytes may unfold to."""
    return min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * packed_size))


def refuse_size(name: str, text: str) -> NoReturn:
    """Raises ReadError for a file that is not what it seems."""
    hint = "No results file is packed like that; it was not read."
    raise ReadError([Problem(name, text, hint)])
