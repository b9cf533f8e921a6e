"""How often the rules speak on 95,415 real protocols: as known, and not so often that nobody reads them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tallyscope.election.rule import rules_of
from tallyscope.returns.reading.read import read
from tallyscope.returns.remarks import remarks

#: Violations of the soft relations; protocols whose line 17 (ballots lost) or 18 (not accounted for) is not zero.
KNOWN = {"W1": 13, "W2": 11, "W3": 24, "W109": 205, "W110": 24}


def test_the_rules_speak_as_often_as_is_known_of_russia_2012(shared_data: Path) -> None:
    returns = read(shared_data / "russia-2012-president" / "2012.csv.zip")
    said = remarks(returns, rules_of(returns.election.form, returns.election.voting_days[0]))
    spoken = Counter(remark.rule.code for row in said for remark in row)
    assert {code: spoken[code] for code in KNOWN} == KNOWN
    assert not [code for code in spoken if code.startswith("E")], "every hard relation holds in all protocols"
    warned = sum(any(remark.rule.level == "W" for remark in row) for row in said)
    assert 0.02 < warned / len(returns) < 0.1
