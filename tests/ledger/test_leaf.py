"""The leaf of a version: byte for byte what the reference library of RFC 8785 writes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from made_record import version
from tallyscope.ledger.history import from_leaf
from tallyscope.ledger.version import LARGEST, Version

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
counts = st.one_of(st.integers(0, LARGEST), st.integers(-5, 5), st.integers(LARGEST - 2, LARGEST))
versions = st.builds(
    version,
    words,
    figures=st.dictionaries(words, counts, max_size=30),
    gaps=st.dictionaries(words, st.sampled_from(["missing", "illegible"]), max_size=5),
    source=st.sampled_from(["official", "observer"]),
    reason=words,
    entered_by=words,
    accepted_by=words,
    accepted_at=st.datetimes(timezones=st.just(UTC)),
    evidence=st.none() | st.just("0f" * 32),
    supersedes=st.none() | st.integers(0, LARGEST),
)


@given(versions)
@example(version(reason='\x00\x1f\x7f\u2028"\\/\b\t\n\f\r€ö\U0001f600'))
@example(
    version(figures={"b": 1, "a": 2, "ä": 3, "\ue000": 4, "\U0001f600": 5})
)  # sorted by UTF-16, not by code point
def test_a_leaf_is_canonical_json(made: Version) -> None:
    assert made.leaf() == rfc8785.dumps(made.content())
    assert made.leaf_hash() == hashlib.sha256(b"\0" + rfc8785.dumps(made.content())).digest()


@given(versions)
def test_a_version_is_read_back_from_its_leaf(made: Version) -> None:
    again = from_leaf(7, made.leaf())
    assert again.content() == made.content()
    assert again.number == 7


def test_a_number_that_json_cannot_hold_exactly_is_never_written() -> None:
    with pytest.raises(rfc8785.IntegerDomainError):
        version(figures={"a": LARGEST + 1}).leaf()


def test_the_time_is_utc_whatever_the_zone_it_was_given_in() -> None:
    here = datetime(2012, 3, 4, 21, 0, 0, 5, tzinfo=timezone(timedelta(hours=4)))
    assert b'"accepted_at":"2012-03-04T17:00:00.000005Z"' in version(accepted_at=here).leaf()
