"""The Turkish referendum of 2017 out of the Python package `ysk` (MIT): a zarr store of thirty ballots in a wheel.

The store (zarr v3, group `ysk/data/secim.zarr`) has one row per published result, of all ballots 2009-2024 one
after another, and the votes in `oy` (rows, choices). Of the rows of the referendum those of districts
(`yurtici_ilce`) are left out: they are sums of boxes and would count everything twice. What remains is one row per
ballot box, per customs gate and per country abroad; the last two are sums.
"""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from tallyscope.returns.datasets.transport import FetchError

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

__all__ = ["BALLOT", "STORE", "box_table", "convert_wheel", "write_csv_gz"]

STORE = "ysk/data/secim.zarr"
BALLOT = "2017-04-16-REF"

LEVELS = {"yurtici_sandik": "ballot_box", "gumruk": "customs_gate", "yurtdisi_ulke": "country_abroad"}
#: Column of the result -> array of the store.
TEXTS = {"province": "il", "district": "ilce", "neighbourhood": "mahalle", "box_no": "sandik_no"}
IDS = {"box_id": "sandik_id", "gumruk_id": "gumruk_id", "ulke_id": "ulke_id"}
FIGURES = {
    "registered": "kayitli_secmen",
    "voted": "oy_kullanan",
    "valid": "gecerli_oy",
    "invalid": "gecersiz_oy",
    "valid_undisputed": "gecerli_itirazsiz",
    "valid_disputed": "gecerli_itirazli",
}
CHOICES = ("evet", "hayir")


def convert_wheel(wheel: Path, to: Path) -> None:
    """Writes the referendum's boxes out of the wheel to `to`, a gzipped CSV.

    The store is read where it lies in the archive: nothing is unpacked, so no path in it can lead anywhere.
    Raises FetchError where the archive is not such a wheel.
    """
    import zarr

    _refuse_strange_paths(wheel)
    store = zarr.storage.ZipStore(wheel, mode="r")
    try:
        group = zarr.open_group(store, path=STORE, mode="r")
        table = box_table(group)
    except (KeyError, FileNotFoundError, zipfile.BadZipFile) as error:
        raise FetchError(f"{wheel.name} does not hold the store {STORE} as expected: {error}") from error
    finally:
        store.close()
    write_csv_gz(table, to)


def _refuse_strange_paths(wheel: Path) -> None:
    """A wheel has no paths that lead out of its folder; an archive that has some is no wheel."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise FetchError(f"{wheel.name} is not a wheel: {error}") from error
    for name in names:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise FetchError(f"{wheel.name} is refused: it has a path that leads out of its folder, {name!r}")


def box_table(store: Any, ballot: str = BALLOT, choices: tuple[str, ...] = CHOICES) -> pl.DataFrame:
    """The rows of one ballot, sums of districts left out, in the store's order.

    store: a zarr group of arrays (rows,), and `oy` (rows, choices). Empty names become null, times are cut to the
    second (UTC), `prison` is 1 for a box in a prison. Raises KeyError where an array, the ballot or a choice is
    missing, FetchError for a time that is not in UTC.
    """
    import numpy as np
    import polars as pl

    of_ballot = np.flatnonzero(store["secim_kaynak"][:] == ballot)
    if not len(of_ballot):
        raise KeyError(f"no rows of {ballot}")
    # The rows of a ballot lie together: only their stretch of every array is read.
    stretch = slice(int(of_ballot[0]), int(of_ballot[-1]) + 1)
    details = store["kapsam_detay"][stretch]
    same = store["secim_kaynak"][stretch] == ballot
    keep = np.flatnonzero(same & np.isin(details.astype(object), list(LEVELS)))

    def values(name: str) -> NDArray[Any]:
        return np.asarray(store[name][stretch][keep])

    columns = {
        "level": pl.Series([LEVELS[d] for d in details[keep]], dtype=pl.String),
        "il_id": pl.Series(values("il_id")),
        **{column: _text(values(name)) for column, name in TEXTS.items()},
        "box_id": pl.Series(values(IDS["box_id"])),
        "prison": pl.Series((values("cezaevi_id") != 0).astype(np.int64)),
        **{column: pl.Series(values(IDS[column])) for column in ("gumruk_id", "ulke_id")},
        "timestamp_utc": _utc_seconds(values("son_guncelleme")),
        **{column: pl.Series(values(name)) for column, name in FIGURES.items()},
    }
    votes = _votes(store, stretch, choices)[keep]
    for number, choice in enumerate(choices):
        columns[f"votes_{choice}"] = pl.Series(votes[:, number].astype(np.int64))
    return pl.DataFrame(columns)


def _votes(store: Any, stretch: slice, choices: tuple[str, ...]) -> NDArray[np.int64]:
    names = list(store["tercih"][:])
    missing = [c for c in choices if c not in names]
    if missing:
        raise KeyError(f"no choice {', '.join(missing)}")
    votes: NDArray[np.int64] = store["oy"].oindex[stretch, [names.index(c) for c in choices]]
    return votes


def _text(values: NDArray[Any]) -> pl.Series:
    import polars as pl

    return pl.Series([str(v) or None for v in values], dtype=pl.String)


def _utc_seconds(times: NDArray[Any]) -> pl.Series:
    import polars as pl

    strange = [str(t) for t in times if not str(t).endswith("+00:00")]
    if strange:
        raise FetchError(f"times of the store are not all in UTC: {strange[0]!r}")
    return pl.Series([str(t)[:19] for t in times], dtype=pl.String)


def write_csv_gz(table: pl.DataFrame, to: Path) -> None:
    """CSV, gzipped; the same table gives the same bytes (no name, no time in the gzip header)."""
    with to.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
        packed.write(table.write_csv().encode("utf-8"))
