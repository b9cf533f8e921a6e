"""Cells that are no counts: when a protocol came in, and whether a machine counted its ballots.

Read as a time: "2021-09-19T22:07:31", with a blank, a fraction of a second, "Z" or an offset ("+03:00") as it
comes; "19.09.2021 22:07"; "9/19/2021 22:07" where the column shows whether the day or the month stands first;
year, month, day, hour, minute and second apart ("2018 7 1 20 19 47", joined from as many columns). A time with an
offset is turned into UTC by it; one without is of the column's time zone. A day without a time is its midnight.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tallyscope.returns.reading.figures import ILLEGIBLE, MISSING

__all__ = ["Attribute", "flag_words", "to_flags", "to_times"]

_YES = ("true", "t", "yes", "y", "1", "1.0", "да", "sí", "si", "sim", "evet", "oui", "ja", "po", "tak", "так")
_NO = ("false", "f", "no", "n", "0", "0.0", "нет", "não", "nao", "hayır", "hayir", "non", "nein", "jo", "nie", "ні")
_ABSENT = tuple(m for m in (*MISSING, *ILLEGIBLE) if m not in _NO)
#: The one that nearly every file uses; everything else is looked at word by word.
_ISO = "%Y-%m-%dT%H:%M:%S"
_CLOCK = r"(?:[T ]+(?P<h>\d{1,2})[: ](?P<mi>\d{1,2})(?:[: ](?P<s>\d{1,2})(?:\.(?P<f>\d{1,9}))?)?)?"
_OFFSET = r"\s*(?P<z>Z|UTC|[+-]\d{2}:?\d{2})?$"
_YEAR_FIRST = r"^(?P<y>\d{4})[-./ ](?P<m>\d{1,2})[-./ ](?P<d>\d{1,2})" + _CLOCK + _OFFSET
_DAY_FIRST = r"^(?P<d>\d{1,2})(?P<mark>[./])(?P<m>\d{1,2})[./](?P<y>\d{4})" + _CLOCK + _OFFSET


@dataclass(frozen=True)
class Attribute:
    """A column of times (Datetime, UTC) or of flags (Boolean), null where nothing is known; and what is an error.

    errors: index (UInt32), value (text as in the file), reason ("time", "order" or "flag").
    """

    values: pl.Series
    errors: pl.DataFrame


def to_times(cells: pl.Series, zone: str = "UTC") -> Attribute:
    """Reads a column of text as times; `zone`: of those without an offset of their own."""
    text = cells.str.strip_chars()
    times = _to_utc(text.str.to_datetime(_ISO, strict=False, time_unit="us"), zone)
    odd = times.is_null() & ~_absent(text)
    if not odd.any():
        return Attribute(times, _errors(text, odd, pl.lit("time")))
    at = odd.arg_true()
    times = times.scatter(at, _by_parts(text.gather(at), zone))
    order = pl.when(pl.col("value").str.contains(_DAY_FIRST)).then(pl.lit("order")).otherwise(pl.lit("time"))
    return Attribute(times, _errors(text, odd & times.is_null(), order if _unordered(text) else pl.lit("time")))


def to_flags(cells: pl.Series) -> Attribute:
    """Reads a column of text as yes or no, in the words of several languages."""
    low = cells.str.strip_chars().str.to_lowercase()
    flags = pl.select(pl.when(low.is_in(_YES)).then(True).when(low.is_in(_NO)).then(False)).to_series()
    return Attribute(flags, _errors(cells, flags.is_null() & ~_absent(cells.str.strip_chars()), pl.lit("flag")))


def flag_words() -> frozenset[str]:
    """Every word that is read as yes or no."""
    return frozenset((*_YES, *_NO))


def _absent(text: pl.Series) -> pl.Series:
    return text.fill_null("").str.to_lowercase().is_in(_ABSENT)


def _errors(text: pl.Series, wrong: pl.Series, reason: pl.Expr) -> pl.DataFrame:
    frame = pl.DataFrame({"value": text, "wrong": wrong}).with_row_index("index").filter("wrong")
    return frame.select("index", "value", reason.alias("reason"))


def _to_utc(times: pl.Series, zone: str) -> pl.Series:
    """Local times as UTC; the hour that comes twice in autumn is taken as its first, the one left out is null."""
    if zone == "UTC":
        return times
    local = times.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def _by_parts(text: pl.Series, zone: str) -> pl.Series:
    """Times in any of the other ways; null where there is none."""
    parts = pl.DataFrame({"t": text}).with_columns(
        a=pl.col("t").str.extract_groups(_YEAR_FIRST), b=pl.col("t").str.extract_groups(_DAY_FIRST)
    )
    first, second = pl.col("b").struct.field("d"), pl.col("b").struct.field("m")
    turned = pl.lit(_month_first(text))
    slashed = pl.col("b").struct.field("mark") == "/"
    unclear = slashed & pl.lit(_unordered(text))
    day = pl.when(slashed & turned).then(second).otherwise(first)
    month = pl.when(slashed & turned).then(first).otherwise(second)

    def part(name: str, other: pl.Expr | None = None) -> pl.Expr:
        late = pl.col("b").struct.field(name) if other is None else other
        return pl.coalesce(pl.col("a").struct.field(name), late)

    stamp = pl.format(
        "{}-{}-{}T{}:{}:{}.{}",
        part("y"),
        part("m", month).str.zfill(2),
        part("d", day).str.zfill(2),
        *(part(x).fill_null("0").str.zfill(2) for x in ("h", "mi", "s")),
        part("f").fill_null("0"),
    )
    offset = part("z").str.replace("^(Z|UTC)$", "+00:00").str.replace(r"^([+-]\d\d)(\d\d)$", "$1:$2")
    read = parts.select(pl.when(~unclear.fill_null(False)).then(stamp).alias("stamp"), offset.alias("offset"))
    plain = read["stamp"].str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    hours = read["offset"].str.slice(1, 2).cast(pl.Int64) * 60 + read["offset"].str.slice(4, 2).cast(pl.Int64)
    minutes = pl.when(read["offset"].str.starts_with("-")).then(-hours).otherwise(hours)
    shifted = pl.select(plain - pl.duration(minutes=minutes)).to_series()
    return pl.select(pl.coalesce(shifted, _to_utc(plain, zone))).to_series()


def _slashed(text: pl.Series) -> tuple[int, int]:
    """The largest first and second number of dates with slashes, 0 where there are none."""
    groups = text.str.extract_groups(r"^(\d{1,2})/(\d{1,2})/\d{4}").struct.unnest().cast(pl.Int64)
    first, second = (int(groups.to_series(i).max() or 0) for i in (0, 1))  # type: ignore[arg-type]
    return first, second


def _month_first(text: pl.Series) -> bool:
    first, second = _slashed(text)
    return second > 12 and first <= 12


def _unordered(text: pl.Series) -> bool:
    """True if dates with slashes do not show which number is the month."""
    first, second = _slashed(text)
    return 0 < first <= 12 and second <= 12
