"""findings.json: valid against the published schema, plain, and the same every time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.report.findings_json import findings_document, findings_text, plain
from tallyscope.report.schema import load_schema, schema_text


def _strict(text: str) -> object:
    """JSON as RFC 8259 has it: no NaN, no Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in JSON")

    return json.loads(text, parse_constant=refuse)


def test_the_schema_is_a_schema_of_the_stated_draft():
    schema = load_schema("findings")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(schema_text("findings")) == schema


def test_a_saved_document_is_valid(saved):
    document = _strict((saved / "findings.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(load_schema()).validate(document)


def test_the_document_has_what_others_rely_on(saved):
    document = json.loads((saved / "findings.json").read_text(encoding="utf-8"))
    assert set(document) == {"election", "input", "version", "findings"}
    assert document["election"]["id"] == "XX-MADE-2020"
    assert document["input"] == [{"name": "made.csv", "sha256": "0" * 64}]
    first = document["findings"][0]
    assert first["estimate"] == {"value": 12.0, "low": -3.5, "high": 27.5, "level": 0.95, "unit": "stations"}
    assert first["details"]["stations_used"] == 250


def test_what_is_not_a_number_is_null(examination):
    first = findings_document(examination)["findings"][0]
    assert first["details"]["union"]["p_value"] is None
    assert first["where"][0]["details"]["sd"] is None
    assert "NaN" not in findings_text(examination)


def test_a_method_that_does_not_apply_gives_no_number(examination):
    document = findings_document(examination)
    jsonschema.validate(document, load_schema())
    document["findings"][1]["p_value"] = 0.5
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, load_schema())


def test_the_document_does_not_depend_on_when_it_was_made(examination):
    later = replace(examination, created=examination.created.replace(year=2031))
    assert findings_text(later) == findings_text(examination)


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.floats().map(np.float64)
    | st.integers(-(2**31), 2**31).map(np.int64)
    | st.lists(st.floats(), max_size=3).map(np.array),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(_values)
def test_anything_a_finding_may_carry_becomes_json(value):
    assert _strict(json.dumps(plain(value), allow_nan=False)) == plain(value)


def test_what_json_does_not_know_is_refused_by_name():
    with pytest.raises(TypeError, match="object"):
        plain({"a": object()})
    assert plain(date(2012, 3, 4)) == "2012-03-04"


def test_an_unknown_schema_is_named():
    with pytest.raises(LookupError, match="findings"):
        load_schema("nothing")
