"""What the page and findings.json say of a method's errors."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape

import jsonschema
import pytest

from made_examination import examination_of
from made_returns import made_returns
from tallyscope.forensics.finding import AlarmRate, ErrorRates, Finding, Power
from tallyscope.report.examination import Examination
from tallyscope.report.findings_json import findings_document
from tallyscope.report.html import page
from tallyscope.report.schema import load_schema
from tallyscope.report.view_errors import error_sentence, error_view

OWN = "clean simulated countries like X, president, 2030"
STUFFING, SWITCHING = "ballot stuffing", "vote switching"
PLACES = ("at all stations", "in a fifth of the territories")
RATES = ErrorRates(
    alarms=(
        AlarmRate(OWN, runs=600, applicable=500, at_5=21, at_1=4),
        AlarmRate("Spain, 2019, as it was counted", runs=1, applicable=1, at_5=0, at_1=0),
    ),
    power=tuple(
        Power(mechanism, f"{OWN}; {place}", dose, 100, 90, at_5, 3)
        for mechanism in (STUFFING, SWITCHING)
        for place in PLACES
        for dose, at_5 in ((0.01, 12), (0.048, 97))
    ),
    provenance="Tallyscope 1, 2030-01-01",
)


def _finding(**given: object) -> Finding:
    return Finding("a-method", (STUFFING,), "How?", True, (), "So.", error_rates=RATES, **given)  # type: ignore[arg-type]


def _examination(finding: Finding) -> Examination:
    return replace(examination_of(made_returns()), findings=(finding,))


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_sentence_tells_rates_with_their_denominators() -> None:
    assert _plain(error_sentence(RATES, (STUFFING,))) == (
        "Cries at 5 % on clean simulated countries like this: 4.2 % (21 of 500), at 1 %: 0.8 % (4 of 500); gave no "
        "verdict on 100 more. "
        "Cries at 5 % on undisputed real elections and parts of them: 0 % (0 of 1), at 1 %: 0 % (0 of 1). "
        # The dose nearest to 5 %; of all runs, since a method that does not answer does not see.
        "Sees ballot stuffing (votes gained: 4.8 % of the leader's; at all stations) in 97 % (97 of 100)."
    )


def test_designs_are_taken_together_and_are_not_like_this_one() -> None:
    designs = tuple(AlarmRate(f"clean simulated countries: {d}", 200, 200, n, 1) for d, n in (("a", 9), ("b", 12)))
    text = _plain(error_sentence(ErrorRates(designs, (), "p"), (STUFFING,)))
    assert text == "Cries at 5 % on clean simulated countries: 5.2 % (21 of 400), at 1 %: 0.5 % (2 of 400)."


def test_a_method_that_never_answered_or_was_never_measured_says_so() -> None:
    assert error_sentence(None, ()) == "How often this method is wrong has not been measured."
    silent = ErrorRates((AlarmRate(OWN, 200, 0, 0, 0),), (Power(STUFFING, f"{OWN}; there", 0.05, 9, 0, 0, 0),), "p")
    expected = "Gave no verdict on any of 200 clean simulated countries like this."
    assert error_sentence(silent, (STUFFING,)) == expected
    (row,) = error_view(_finding(p_value=0.2)).alarms[1:]
    assert _plain(row[2]) == "0 (0 %) [0.0–97.5 %]"
    assert error_view(replace(_finding(), error_rates=silent)).alarms[0][2] == "–"


def test_the_page_has_the_mechanisms_that_the_method_speaks_to_dose_by_dose() -> None:
    view = error_view(_finding(p_value=0.2))
    assert [(r.mechanism, r.place) for r in view.power] == [("Ballot stuffing", p) for p in PLACES]
    assert [_plain(d) for d in view.power[0].doses] == ["1 %: 12 of 100", "4.8 %: 97 of 100"]
    text = _plain(unescape(page(_examination(_finding(p_value=0.2)), [])))
    assert "4.2 % (21 of 500)" in text
    assert "500 of 600" in text
    assert "1 %: 12 of 100 · 4.8 %: 97 of 100" in text
    assert "Measured by Tallyscope 1, 2030-01-01." in text
    assert "has not been measured" in page(examination_of(made_returns()), [])


@pytest.mark.parametrize(
    ("q", "said"), [(0.009, "Anomalous"), (0.018, "Weak sign"), (0.049, "Weak sign"), (0.051, "Within chance")]
)
def test_a_verdict_has_three_grades(q: float, said: str) -> None:
    finding = replace(_finding(), p_value=0.001, q_value=q)
    assert f">{said}<" in page(_examination(finding), [])


def test_a_posterior_is_shown_and_decides_the_verdict() -> None:
    text = page(_examination(_finding(posterior=0.004)), [])
    assert "Posterior probability that nothing of the kind is there: 0.004" in text
    assert ">Anomalous<" in text
    assert ">Consistent with none<" in page(_examination(_finding(posterior=0.4)), [])


def test_findings_json_has_posterior_and_rates_and_is_valid() -> None:
    document = json.loads(json.dumps(findings_document(_examination(_finding(posterior=0.25)))))
    jsonschema.Draft202012Validator(load_schema()).validate(document)
    (finding,) = document["findings"]
    assert finding["posterior"] == 0.25
    rates = finding["error_rates"]
    assert rates["alarms"][0] == {"on": OWN, "runs": 600, "applicable": 500, "at_5": 21, "at_1": 4}
    assert {p["mechanism"] for p in rates["power"]} == {STUFFING}
    assert len(rates["power"]) == 4
    without = json.loads(json.dumps(findings_document(_examination(replace(_finding(), error_rates=None)))))
    assert without["findings"][0]["error_rates"] is None
    jsonschema.validate(without, load_schema())
