"""The bulletin as an ElectionReport of NIST SP 1500-100, version 2 (JSON), by station.

A station without a protocol has no counts at all: in this format too, missing is not zero. What the choices are is
told from the election: answers ("yes", "no"), lists (where seats are given out), else candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tallyscope.election.election import Choice, Election
from tallyscope.election.outcome import PartyList
from tallyscope.election.roles import votes_column
from tallyscope.version import __version__
from tallyscope.web.public.published import Published, Unit

__all__ = ["election_report"]

_ANSWERS = {"yes", "no"}


def election_report(published: Published) -> dict[str, Any]:
    """The report as JSON values."""
    election, head = published.returns.election, published.latest
    done, of = published.progress.processed, published.progress.of
    parties = published.returns.choices if _kind(election) == "Party" else ()
    return {
        "@type": "ElectionResults.ElectionReport",
        "Format": "precinct-level",
        "GeneratedDate": head.published_at.isoformat(),
        "Issuer": election.title,
        "IssuerAbbreviation": election.id,
        "SequenceStart": head.number,
        "SequenceEnd": head.number,
        "Status": "unofficial-complete" if done >= of else "unofficial-partial",
        "VendorApplicationId": f"Tallyscope {__version__}",
        "Party": [
            {"@type": "ElectionResults.Party", "@id": f"party-{c.id}", "Name": _text(c.name)} for c in parties
        ],
        "Election": [_election(published)],
        "GpUnit": [*(_unit(published, u) for u in published.units), *_stations(published)],
    }


def _election(published: Published) -> dict[str, Any]:
    election = published.returns.election
    days = [*election.voting_days] or [published.latest.published_at.date()]
    value: dict[str, Any] = {
        "@type": "ElectionResults.Election",
        "ElectionScopeId": "u0",
        "Name": _text(election.title),
        "StartDate": min(days).isoformat(),
        "EndDate": max(days).isoformat(),
        "Type": "general",
        "Contest": [_contest(published)],
    }
    if _kind(election) == "Candidate":
        value["Candidate"] = [
            {"@type": "ElectionResults.Candidate", "@id": f"candidate-{c.id}", "BallotName": _text(c.name)}
            for c in published.returns.choices
        ]
    return value


def _contest(published: Published) -> dict[str, Any]:
    election = published.returns.election
    kind = _kind(election)
    return {
        "@type": f"ElectionResults.{kind}Contest",
        "@id": "contest",
        "ElectoralDistrictId": "u0",
        "Name": election.title,
        "BallotSelection": [_selection(published, c, kind) for c in published.returns.choices],
        **({"VotesAllowed": 1} if kind == "Candidate" else {}),
    }


def _selection(published: Published, choice: Choice, kind: str) -> dict[str, Any]:
    named: dict[str, dict[str, Any]] = {
        "BallotMeasure": {"Selection": _text(choice.name)},
        "Party": {"PartyIds": [f"party-{choice.id}"]},
        "Candidate": {"CandidateIds": [f"candidate-{choice.id}"]},
    }
    return {
        "@type": f"ElectionResults.{kind}Selection",
        "@id": f"selection-{choice.id}",
        **named[kind],
        "VoteCounts": [*_counts(published, votes_column(choice.id))],
    }


def _counts(published: Published, column: str) -> Iterable[dict[str, Any]]:
    for unit in published.units:
        if unit.figures[column] is not None:
            yield _count(f"u{unit.number}", unit.figures[column])
    for row, votes in enumerate(published.stations[column]):
        if votes is not None:
            yield _count(f"s{row}", votes)


def _count(unit: str, votes: Any) -> dict[str, Any]:
    return {"@type": "ElectionResults.VoteCounts", "Type": "total", "GpUnitId": unit, "Count": votes}


def _unit(published: Published, unit: Unit) -> dict[str, Any]:
    if unit.is_lowest:
        below = [f"s{row}" for row in published.below(unit)["index"]]
    else:
        below = [f"u{child}" for child in unit.children]
    done = int(unit.figures["stations"] or 0) - int(unit.figures["empty"] or 0)
    return {
        "@type": "ElectionResults.ReportingUnit",
        "@id": f"u{unit.number}",
        "Name": unit.name or published.returns.election.title,
        "ComposingGpUnitIds": below,
        "SubUnitsReported": done,
        "TotalSubUnits": int(unit.figures["stations"] or 0),
        **({"Type": "country"} if not unit.path else {"Type": "other", "OtherType": unit.level}),
        **_ballots(unit.figures),
    }


def _stations(published: Published) -> Iterable[dict[str, Any]]:
    for row, station in enumerate(published.stations.iter_rows(named=True)):
        is_in = station["status"] != "empty"
        yield {
            "@type": "ElectionResults.ReportingUnit",
            "@id": f"s{row}",
            "Name": station["station"],
            "Type": "precinct" if station["kind"] == "station" else "other",
            **({} if station["kind"] == "station" else {"OtherType": station["kind"]}),
            "CountStatus": [
                {
                    "@type": "ElectionResults.CountStatus",
                    "Type": "total",
                    "Status": "completed" if is_in else "not-processed",
                }
            ],
            **(_ballots(station) if is_in else {}),
        }


def _ballots(figures: Mapping[str, Any]) -> dict[str, Any]:
    counts = {"BallotsCast": figures["cast"], "BallotsRejected": figures["invalid"]}
    known = {name: value for name, value in counts.items() if value is not None}
    value: dict[str, Any] = {}
    if figures["registered"] is not None:
        value["VotersRegistered"] = figures["registered"]
    if known:
        value["SummaryCounts"] = [{"@type": "ElectionResults.SummaryCounts", "Type": "total", **known}]
    return value


def _text(content: str) -> dict[str, Any]:
    """What a text is written in is not told by our elections: `und` is BCP 47 for that."""
    said = {"@type": "ElectionResults.LanguageString", "Content": content, "Language": "und"}
    return {"@type": "ElectionResults.InternationalizedText", "Text": [said]}


def _kind(election: Election) -> str:
    if election.choices and {c.id for c in election.choices} <= _ANSWERS:
        return "BallotMeasure"
    return "Party" if isinstance(election.outcome, PartyList) else "Candidate"
