"""One slip of the pen in a valid protocol is found, and undoing it is among what is suggested."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from made_files import ELECTION
from tallyscope.returns.build import build_returns
from tallyscope.returns.checks import check
from tallyscope.returns.repair import slips
from tallyscope.returns.table import Returns

FORM = ELECTION.form
VOTES = [f"votes_{c.id}" for c in ELECTION.choices]
LINES = [line.role for line in FORM.lines]
#: Lines that an equality of the law pins down, and all choices.
PINNED = [r for r in LINES if r != "registered"] + VOTES
Protocol = dict[str, int]


@st.composite
def valid_protocols(draw: st.DrawFn) -> Protocol:
    """A protocol that keeps every relation, hard and soft."""
    votes = [draw(st.integers(0, 1500)) for _ in VOTES]
    invalid, early, portable = draw(st.integers(0, 60)), draw(st.integers(0, 40)), draw(st.integers(0, 120))
    cancelled, lost, unaccounted = draw(st.integers(0, 900)), draw(st.integers(0, 2)), draw(st.integers(0, 2))
    valid = sum(votes)
    cast = valid + invalid
    portable = min(portable, cast)
    outside = max(portable - early, 0)
    inside = max(cast - early - outside, cast - portable - early)
    issued = early + inside + outside
    lines = {
        "registered": issued + draw(st.integers(0, 900)),
        "ballots_received": issued + cancelled + lost - unaccounted,
        "issued_early": early,
        "issued_in_station": inside,
        "issued_outside": outside,
        "cancelled": cancelled,
        "portable": portable,
        "stationary": cast - portable,
        "invalid": invalid,
        "valid": valid,
        "ballots_lost": lost,
        "ballots_unaccounted": unaccounted,
    }
    assume(lines["ballots_received"] >= 0)
    return lines | dict(zip(VOTES, votes, strict=True))


def slow_slips(value: int) -> set[int]:
    """What one slip makes of a figure, by its digits: neighbours swapped, one to three zeros gone or added."""
    text = str(value)
    swapped = {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(len(text) - 1)}
    out = {int(t) for t in swapped if t[0] != "0"}
    out |= {value * 10**k for k in (1, 2, 3)}
    out |= {value // 10**k for k in (1, 2, 3) if text.endswith("0" * k) and value}
    return out - {value}


def returns_of(*protocols: Mapping[str, int | None]) -> Returns:
    table = pl.DataFrame(list(protocols)).with_columns(station=pl.int_range(pl.len()).cast(pl.String))
    return build_returns(table, ELECTION, levels=())


@settings(deadline=None)
@given(st.integers(0, 9_999_999))
def test_slips_are_those_a_pen_makes(value: int) -> None:
    made = {int(slipped[0]) for _, slipped in slips(np.array([value]))} - {value}
    assert made == slow_slips(value)


def test_slips_say_what_happened() -> None:
    told = {int(s[0]): what for what, s in slips(np.array([1250]))}
    assert told[2150] == told[1520] == told[1205] == "two digits swapped"
    assert told[125] == "1 zero too many"
    assert told[12500] == "1 zero missing"
    assert told[125000] == "2 zeros missing"


@settings(max_examples=25, deadline=None)
@given(valid_protocols())
def test_a_valid_protocol_has_no_violation_and_no_suggestion(protocol: Protocol) -> None:
    result = check(returns_of(protocol))
    assert not result.violations.height
    assert result.violations["suggestion"].dtype == pl.String


@settings(max_examples=50, deadline=None)
@given(valid_protocols(), st.data())
def test_a_slip_is_found_and_its_repair_is_suggested(protocol: Protocol, data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(PINNED))
    right = protocol[line]
    # A slip that can be undone by a slip: the pen's mistakes are their own opposites.
    wrong = data.draw(st.sampled_from(sorted(s for s in slow_slips(right) if right in slow_slips(s)) or [right]))
    assume(wrong != right)
    result = check(returns_of(protocol, protocol | {line: wrong}))
    assert set(result.violations["index"]) == {1}
    assert result.violations.filter(pl.col("level") == "hard").height
    suggestions = set(result.violations["suggestion"])
    assert len(suggestions) == 1, "one protocol, one list of suggestions"
    (text,) = suggestions
    assert text is not None
    assert f"{wrong:,} may be {right:,}" in text


def test_a_repair_mends_every_relation_and_breaks_none() -> None:
    """Swapping digits of a vote would mend the sum of choices; of the valid ballots it would break the boxes."""
    protocol = dict.fromkeys([*LINES, *VOTES], 0) | {"registered": 900, "votes_putin": 412, "votes_grudinin": 100}
    protocol |= {"valid": 512, "invalid": 5, "stationary": 517, "issued_in_station": 517, "ballots_received": 517}
    assert not check(returns_of(protocol)).violations.height
    violations = check(returns_of(protocol | {"votes_putin": 421})).violations
    assert violations.select("code", "residual").rows() == [("E4", -9)]
    assert violations["suggestion"].to_list() == ["line 16, Vladimir Putin: 421 may be 412 (two digits swapped)"]


def test_what_no_single_slip_explains_has_no_suggestion() -> None:
    protocol = dict.fromkeys([*LINES, *VOTES], 0) | {"registered": 900, "votes_putin": 412, "valid": 400}
    violations = check(returns_of(protocol)).violations
    assert violations.height
    assert violations["suggestion"].null_count() == violations.height


def test_a_missing_figure_is_not_repaired_and_does_not_hide_a_slip() -> None:
    whole = dict.fromkeys([*LINES, *VOTES], 0)
    protocol: dict[str, int | None] = {**whole, "registered": 900, "votes_putin": 421, "valid": 412}
    protocol |= {"stationary": 412, "issued_in_station": 412, "cancelled": None, "ballots_received": 500}
    result = check(returns_of(whole, protocol))
    assert result.of("E2").incomplete == 1
    assert result.violations.select("index", "code").rows() == [(1, "E4")]
    assert "Putin: 421 may be 412" in result.violations["suggestion"][0]
