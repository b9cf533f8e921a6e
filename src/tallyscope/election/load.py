"""Reads forms (`forms/*.toml`) and elections (`elections/*.toml`): adding a country is adding files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from tallyscope.election.election import Choice, Election, Official
from tallyscope.election.form import AttributeNames, Form, LevelNames, Line, PseudoRows
from tallyscope.election.outcome.rule import rule_from_data
from tallyscope.election.relation import Relation, parse_linear, parse_relation

__all__ = ["UnknownElection", "election_ids", "form_from_toml", "form_ids", "load_election", "load_form"]


class UnknownElection(LookupError):
    """No form or election of this id is in the registry."""


def _folder(name: str) -> dict[str, str]:
    entries = files("tallyscope.election").joinpath(name).iterdir()
    return {
        e.name.removesuffix(".toml"): e.name
        for e in sorted(entries, key=lambda e: e.name)
        if e.name[-5:] == ".toml"
    }


def _text(folder: str, id: str) -> str:
    known = _folder(folder)
    if id not in known:
        raise UnknownElection(f"{id!r} is not in {folder}; there are: {', '.join(known)}")
    return files("tallyscope.election").joinpath(folder, known[id]).read_text(encoding="utf-8")


def form_ids() -> tuple[str, ...]:
    """The ids of all forms."""
    return tuple(_folder("forms"))


def election_ids() -> tuple[str, ...]:
    """The ids of all elections of the registry."""
    return tuple(_folder("elections"))


@cache
def load_form(id: str) -> Form:
    """The form of this id. Raises UnknownElection."""
    return form_from_toml(_text("forms", id))


def form_from_toml(text: str) -> Form:
    """Reads a form from its TOML text. Raises RelationError for a relation that names a line it does not have."""
    data = tomllib.loads(text)
    lines = tuple(_line(entry) for entry in data["lines"])
    roles = {line.number: line.role for line in lines if line.number is not None}
    pseudo = data.get("pseudo")
    return Form(
        id=data["id"],
        title=data["title"],
        country=data.get("country", ""),
        denominator=data["denominator"],
        lines=lines,
        levels=tuple(LevelNames(e["name"], tuple(e["names"]), e["title"]) for e in data.get("levels", ())),
        station=tuple(tuple(e["names"]) for e in data.get("station", ())),
        relations=tuple(_relation(e, roles) for e in data.get("relations", ())),
        derived={role: parse_linear(text, roles) for role, text in data.get("derived", {}).items()},
        ignored=tuple(data.get("ignored", ())),
        first_choice_line=data.get("first_choice_line"),
        valid_from=data.get("valid_from"),
        valid_until=data.get("valid_until"),
        source=data.get("source", ""),
        pseudo=PseudoRows(tuple(pseudo["names"]), tuple(pseudo["values"])) if pseudo else None,
        attributes=tuple(
            AttributeNames(name, tuple(entry["names"]), entry.get("time_zone", "UTC"))
            for name, entry in data.get("attributes", {}).items()
        ),
    )


def _line(entry: Mapping[str, Any]) -> Line:
    return Line(entry["role"], tuple(entry["names"]), entry.get("number"), entry.get("required", True))


def _relation(entry: Mapping[str, Any], roles: Mapping[int, str]) -> Relation:
    clerk, public = entry.get("clerk", ""), entry.get("public", "")
    translated = {"ru": entry["ru"]} if "ru" in entry else {}
    return parse_relation(
        *(entry["code"], entry["level"], entry["expression"], roles),
        clerk=clerk,
        public=public,
        translations=translated,
    )


@cache
def load_election(id: str) -> Election:
    """The election of this id, with its form. Raises UnknownElection."""
    data = tomllib.loads(_text("elections", id))
    official = data.get("official")
    return Election(
        id=data["id"],
        title=data["title"],
        form=load_form(data["form"]),
        choices=tuple(_choice(entry) for entry in data["choices"]),
        country=data.get("country", ""),
        voting_days=tuple(data.get("voting_days", ())),
        official=_official(official) if official else None,
        tallied=_official(data["tallied"]) if "tallied" in data else None,
        stations=data.get("stations"),
        office=data.get("office", ""),
        protocols=data.get("protocols"),
        notes=tuple(data.get("notes", ())),
        outcome=rule_from_data(data["outcome"]) if "outcome" in data else None,
    )


def _official(entry: Mapping[str, Any]) -> Official:
    return Official(entry["source"], *(entry.get(part, {}) for part in ("lines", "votes", "shares")))


def _choice(entry: Mapping[str, Any]) -> Choice:
    return Choice(entry["id"], entry["name"], tuple(entry.get("names", ())), entry.get("line"))
