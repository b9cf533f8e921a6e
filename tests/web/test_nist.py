"""The ElectionReport against the published schema of NIST SP 1500-100, version 2.

The tables below are read off NIST_V2_election_results_reporting.json of usnistgov/ElectionResultsReporting: for
each class that we write, the properties it must have and those it may have besides (`additionalProperties` is
false throughout), and the enumerations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from tallyscope.election.election import Choice
from tallyscope.election.outcome import PartyList
from tallyscope.tally import tally
from tallyscope.web.public.nist import election_report
from tallyscope.web.public.published import Published
from web.made_public import made_night

CONTEST = ("Abbreviation BallotSubTitle BallotTitle CountStatus ExternalIdentifier HasRotation OtherVoteVariation "
           "SequenceOrder SubUnitsReported SummaryCounts TotalSubUnits VoteVariation BallotSelection")  # fmt: skip
COUNTS = "Device GpUnitId IsSuppressedForPrivacy OtherType"
#: Class -> (required, also allowed).
SCHEMA = {
    "ElectionReport": (
        "Format GeneratedDate Issuer IssuerAbbreviation SequenceEnd SequenceStart Status VendorApplicationId",
        "ExternalIdentifier IsTest Notes Person Signature TestType Election GpUnit Office OfficeGroup Party",
    ),
    "Election": (
        "ElectionScopeId EndDate Name StartDate Type",
        "ContactInformation CountStatus ExternalIdentifier OtherType BallotStyle Candidate Contest",
    ),
    "CandidateContest": (
        "VotesAllowed ElectoralDistrictId Name @id",
        f"NumberElected NumberRunoff OfficeIds PrimaryPartyIds {CONTEST}",
    ),
    "PartyContest": ("ElectoralDistrictId Name @id", CONTEST),
    "BallotMeasureContest": (
        "ElectoralDistrictId Name @id",
        "ConStatement EffectOfAbstain FullText InfoUri OtherType PassageThreshold ProStatement SummaryText Type "
        f"{CONTEST}",
    ),
    "CandidateSelection": ("CandidateIds @id", "EndorsementPartyIds IsWriteIn SequenceOrder VoteCounts"),
    "PartySelection": ("PartyIds @id", "SequenceOrder VoteCounts"),
    "BallotMeasureSelection": ("Selection @id", "SequenceOrder VoteCounts"),
    "Candidate": (
        "BallotName @id",
        "ExternalIdentifier FileDate IsIncumbent IsTopTicket PartyId PersonId PostElectionStatus PreElectionStatus "
        "ContactInformation",
    ),
    "Party": ("Name @id", "Abbreviation Color ExternalIdentifier IsWriteIn LogoUri"),
    "ReportingUnit": (
        "Type @id",
        "AuthorityIds ContactInformation CountStatus IsDistricted IsMailOnly Number OtherType SubUnitsReported "
        "TotalSubUnits VotersParticipated VotersRegistered ElectionAdministration PartyRegistration "
        "SpatialDimension ComposingGpUnitIds ExternalIdentifier Name SummaryCounts",
    ),
    "SummaryCounts": (
        "Type",
        f"BallotsCast BallotsOutstanding BallotsRejected Overvotes Undervotes WriteIns {COUNTS}",
    ),
    "VoteCounts": ("Count Type", COUNTS),
    "CountStatus": ("Status Type", "OtherType"),
    "InternationalizedText": ("Text", "Label"),
    "LanguageString": ("Content Language", ""),
}  # fmt: skip
ENUMERATIONS = {
    ("ElectionReport", "Format"): {"precinct-level", "summary-contest"},
    ("ElectionReport", "Status"): {
        *("certified", "correction", "pre-election", "recount", "unofficial-complete", "unofficial-partial"),
    },
    ("Election", "Type"): {
        *("general", "other", "partisan-primary-closed", "partisan-primary-open", "primary", "runoff", "special"),
    },
    ("CountStatus", "Status"): {"completed", "in-process", "not-processed", "unknown"},
    ("CountStatus", "Type"): {"total"},
    ("VoteCounts", "Type"): {"total"},
    ("SummaryCounts", "Type"): {"total"},
    ("ReportingUnit", "Type"): {"country", "other", "precinct"},
}  # fmt: skip
LISTS = {"Election", "GpUnit", "Party", "Candidate", "Contest", "BallotSelection", "VoteCounts", "SummaryCounts",
         "CountStatus", "Text", "CandidateIds", "PartyIds", "ComposingGpUnitIds"}  # fmt: skip
WHOLE = {"SequenceStart", "SequenceEnd", "VotesAllowed", "SubUnitsReported", "TotalSubUnits", "VotersRegistered",
         "BallotsCast", "BallotsRejected", "Count"}  # fmt: skip
ONE = {"Name", "BallotName", "Selection"}


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from objects(part)


def invalid(report: dict[str, Any]) -> list[str]:
    """Everything in which a report differs from the schema."""
    found = []
    for value in objects(report):
        kind = value["@type"].removeprefix("ElectionResults.")
        required, allowed = (set(words.split()) for words in SCHEMA[kind])
        keys = value.keys() - {"@type"}
        found += [f"{kind} lacks {key}" for key in required - keys]
        found += [f"{kind} has {key}" for key in keys - required - allowed]
        for key, part in value.items():
            if key in WHOLE and type(part) is not int:
                found.append(f"{kind}.{key} is {part!r}")
            if (key in LISTS) != isinstance(part, list):
                found.append(f"{kind}.{key} is {type(part).__name__}")
            if isinstance(part, str) and part not in ENUMERATIONS.get((kind, key), {part}):
                found.append(f"{kind}.{key} is {part!r}")
        if value.get("Type") == "other" and "OtherType" not in value:
            found.append(f"{kind} of another type does not say which")
    return found


def with_choices(*ids: str) -> Published:
    night = made_night()
    election = night.returns.election
    names = dict(zip(("a", "b"), ids, strict=True))
    choices = tuple(Choice(names[c.id], c.name) for c in election.choices)
    table = night.returns.table.rename({f"votes_{old}": f"votes_{new}" for old, new in names.items()})
    return replace(night, returns=replace(night.returns, table=table, election=replace(election, choices=choices)))


def with_lists() -> Published:
    night = made_night()
    rule = PartyList("cast", 100, "dhondt")
    return replace(night, returns=replace(night.returns, election=replace(night.returns.election, outcome=rule)))


@pytest.mark.parametrize(
    "night", [made_night(), with_choices("yes", "no"), with_lists()], ids=["one", "answers", "lists"]
)
def test_a_report_is_valid_against_the_schema(night: Published) -> None:
    report = election_report(night)
    assert invalid(report) == []
    datetime.fromisoformat(report["GeneratedDate"])
    date.fromisoformat(report["Election"][0]["StartDate"])


def test_the_check_itself_finds_what_is_wrong() -> None:
    report = election_report(made_night())
    assert invalid({**report, "Format": "all"}) == ["ElectionReport.Format is 'all'"]
    assert invalid({**report, "Extra": 1}) == ["ElectionReport has Extra"]
    del report["Issuer"]
    assert invalid(report) == ["ElectionReport lacks Issuer"]


def test_every_reference_of_a_report_leads_to_an_object_of_it() -> None:
    report = election_report(made_night())
    ids = [value["@id"] for value in objects(report) if "@id" in value]
    assert len(ids) == len(set(ids))
    single = ("GpUnitId", "ElectoralDistrictId", "ElectionScopeId")
    for value in objects(report):
        named = [value[key] for key in single if key in value]
        named += [x for key in ("ComposingGpUnitIds", "CandidateIds", "PartyIds") for x in value.get(key, [])]
        assert set(named) <= set(ids)


def test_the_votes_of_a_report_are_those_of_the_count_at_every_level_and_a_missing_protocol_has_none() -> None:
    night = made_night()
    report = election_report(night)
    row = tally(night.returns).row(0, named=True)
    for selection in report["Election"][0]["Contest"][0]["BallotSelection"]:
        counts = {c["GpUnitId"]: c["Count"] for c in selection["VoteCounts"]}
        total = row[f"votes_{selection['CandidateIds'][0].removeprefix('candidate-')}"]
        assert counts["u0"] == total
        assert sum(n for unit, n in counts.items() if unit.startswith("s")) == total
        empty = {f"s{i}" for i, status in enumerate(night.returns.table["status"]) if status == "empty"}
        assert not empty & counts.keys()
