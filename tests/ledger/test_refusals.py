"""What the record refuses: every reason at once, and nothing of the batch is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from databases import KINDS, Databases
from made_record import ELECTION, FIGURES, KEYS, STATIONS, protocol, version
from tallyscope.ledger.store import Ledger, Refused

ORIGIN = "example.org/made"


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    with Ledger.create(database_url, ELECTION, STATIONS, origin=ORIGIN) as made:
        yield made


@pytest.fixture(scope="module", params=KINDS)
def refusing(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    """A record that never accepts anything, so that many tests may share it."""
    url = databases.new(request.param, tmp_path_factory.mktemp("record"))
    with Ledger.create(url, ELECTION, STATIONS) as made:
        yield made


BAD: list[tuple[dict[str, Any], str]] = [
    ({"key": "North / T1 / 99"}, "is no station of this count"),
    ({"key": "a\x00b"}, "is no station of this count"),
    ({"form": "other"}, "on the form 'other'"),
    ({"source": "rumour"}, "'rumour' is not one of"),
    ({"stage": "last"}, "'last' is not one of"),
    ({"figures": {**protocol(1), "votes_a": -1}}, "-1 is not a count"),
    ({"figures": {**protocol(1), "votes_a": 1.0}}, "1.0 is not a count"),
    ({"figures": {**protocol(1), "votes_a": True}}, "True is not a count"),
    ({"figures": {**protocol(1), "votes_a": 2**53}}, "is not a count"),
    ({"figures": {**protocol(1), "votes_z": 3}}, "column 'votes_z': is not on this form"),
    ({"figures": {"registered": 1}}, "column 'votes_a': is neither a figure nor a gap"),
    ({"gaps": {"votes_a": "missing"}}, "is a figure and a gap"),
    ({"figures": {}, "gaps": dict.fromkeys(FIGURES, "lost")}, "'lost' is not one of"),
    ({"supersedes": 0, "reason": "x"}, "supersedes version 0, but nothing stands"),
    ({"stage": "annulled"}, "A correction or a decision has a reason"),
    ({"entered_by": " "}, "Say who entered it"),
    ({"reason": "\ud800"}, "characters that cannot be written"),
    ({"reason": "nul \x00"}, "characters that cannot be written"),
    ({"reason": "x" * 4_001}, "more than 4,000 characters"),
    ({"evidence": "abc"}, "no SHA-256"),
]


@pytest.mark.parametrize(("changed", "words"), BAD, ids=[words for _, words in BAD])
def test_what_is_wrong_with_a_version_is_said(changed: dict[str, Any], words: str, refusing: Ledger) -> None:
    fields = dict(changed)
    key = fields.pop("key", KEYS[0])
    with pytest.raises(Refused) as refused:
        refusing.accept([version(KEYS[3], 2), version(key, 1, **fields)])
    assert words in str(refused.value)
    assert refusing.size == 0


def test_everything_wrong_with_a_batch_is_told_at_once_and_none_of_it_is_accepted(ledger: Ledger) -> None:
    bad = [version("nowhere"), version(KEYS[0], form="x", entered_by=""), version(KEYS[1], 2), version(KEYS[1], 2)]
    with pytest.raises(Refused) as refused:
        ledger.accept(bad)
    assert len(refused.value.problems) == 4
    assert ledger.size == 0
    assert ledger.returns().table["row"].null_count() == 9


def test_a_long_list_of_problems_is_counted(ledger: Ledger) -> None:
    with pytest.raises(Refused) as refused:
        ledger.accept([version(f"nowhere {n}") for n in range(1_000)])
    assert len(refused.value.problems) == 21
    assert "and 980 more" in str(refused.value.problems[-1])
