"""claims.json: every output is valid against the schema that ships, and the schema refuses what is no output."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import tallyscope
from claims_from_gold import document_of
from claims_gold import TEXTS
from tallyscope.claims import claim as parts
from tallyscope.claims.checks.verdict import WORDS
from tallyscope.claims.reading import read_claims
from tallyscope.report.claims.checked import checked
from tallyscope.report.claims.claims_json import claims_text
from tallyscope.report.claims.saving import save_claims
from tallyscope.report.schema import load_schema, schema_text

VALIDATOR = jsonschema.Draft202012Validator(load_schema("claims"))
ARTICLES = sorted(TEXTS.glob("*/*.txt"))


@pytest.fixture(scope="module")
def article(shared_data: Path) -> dict[str, Any]:
    """An article of a count with its returns: witness, outstanding protocols, reviews, annotations."""
    folder = shared_data.parent / "articles"
    document = document_of(json.loads((folder / "gold.json").read_text(encoding="utf-8")), "003", folder)
    returns = tallyscope.read(shared_data / "russia-2012-president" / "2012.csv.zip")
    found: dict[str, Any] = json.loads(claims_text(checked([document], [returns])))
    return found


def test_the_schema_is_one_and_is_packed() -> None:
    jsonschema.Draft202012Validator.check_schema(load_schema("claims"))
    assert json.loads(schema_text("claims"))["$id"] == "urn:tallyscope:schema:claims:1"
    with pytest.raises(LookupError, match="claims"):
        load_schema("claim")


@pytest.mark.parametrize("path", ARTICLES, ids=lambda p: p.stem)
def test_what_is_read_of_every_written_text_is_valid(path: Path) -> None:
    found = json.loads(claims_text(checked([read_claims(path)])))
    VALIDATOR.validate(found)
    assert len(found["documents"][0]["quotations"]) == len(found["documents"][0]["claims"])


def test_an_article_checked_against_returns_is_valid_with_its_witness_and_what_was_out(
    article: dict[str, Any],
) -> None:
    VALIDATOR.validate(article)
    (document,) = article["documents"]
    assert [c for c in document["claims"] if "outstanding" in c["check"]]
    assert document["reviews"]
    assert document["returns"][0]["election"] == "RU-PRES-2012"


def test_the_articles_of_the_specification_and_a_page_without_claims_are_valid(
    shared_data: Path, tmp_path: Path
) -> None:
    texts = sorted((shared_data.parent / "articles").glob("*.txt"))
    documents = [*map(read_claims, texts), read_claims("Nothing of the kind.")]
    save_claims(checked(documents), tmp_path)
    found = json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))
    VALIDATOR.validate(found)
    assert found["documents"][2]["problems"]


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("documents", 0, "claims", 0, "type"), "lie"),
        (("documents", 0, "claims", 0, "check", "verdict"), "false"),
        (("documents", 0, "claims", 0, "content"), []),
        (("documents", 0, "claims", 0, "score"), 0.7),
        (("documents", 0, "annotations", 0, "target", 0, "selector", 0, "type"), "XPathSelector"),
        (("documents", 0, "reviews", 0, "reviewRating", "ratingValue"), 3),
        (("documents", 0, "returns", 0, "sources", 0, "sha256"), "0"),
    ],
)
def test_what_is_no_output_is_refused(where: tuple[Any, ...], value: object, article: dict[str, Any]) -> None:
    changed: Any = deepcopy(article)
    at = changed
    for step in where[:-1]:
        at = at[step]
    at[where[-1]] = value
    assert list(VALIDATOR.iter_errors(changed))


def test_the_schema_has_every_field_every_value_and_every_verdict() -> None:
    defs = load_schema("claims")["$defs"]
    for kind, name in (
        (parts.Claim, "claim"),
        (parts.Figure, "figure"),
        (parts.Progress, "progress"),
        (parts.Speaker, "speaker"),
        (parts.Dating, "dating"),
        (parts.ElectionLink, "election_link"),
    ):
        assert {f.name for f in fields(kind)} <= set(defs[name]["properties"])
    assert set(defs["claim"]["properties"]["type"]["enum"]) == set(parts.TYPES)
    assert set(defs["verdict"]["anyOf"][0]["enum"]) == set(WORDS.values())
    assert VALIDATOR.evolve(schema=defs["verdict"]).is_valid("forecast missed (low, by 4.60 points)")
