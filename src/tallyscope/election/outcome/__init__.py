"""Who has won, by the law's rule; and while protocols are out, what can be said for certain and what cannot."""

from tallyscope.election.outcome.bounds import share_bounds
from tallyscope.election.outcome.rule import (
    Majority,
    OutcomeRule,
    PartyList,
    Plurality,
    RuleError,
    rule_from_data,
    rule_to_data,
)
from tallyscope.election.outcome.state import Counted, Out
from tallyscope.election.outcome.status import Outcome, outcome

__all__ = [
    "Counted",
    "Majority",
    "Out",
    "Outcome",
    "OutcomeRule",
    "PartyList",
    "Plurality",
    "RuleError",
    "outcome",
    "rule_from_data",
    "rule_to_data",
    "share_bounds",
]
