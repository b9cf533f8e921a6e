"""A table that no form of the registry describes: worked out by names and arithmetic, or read by a mapping."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from tallyscope.election.election import Choice, Election
from tallyscope.election.form import Form, LevelNames, Line
from tallyscope.election.load import load_form
from tallyscope.election.relation import CHOICES, Level, Relation, parse_linear, parse_relation
from tallyscope.election.roles import ROLES, role_title
from tallyscope.returns.mapping import STATION, ColumnMapping, choice_of, level_of
from tallyscope.returns.problems import Problem, ReadError
from tallyscope.returns.reading.container import bare_name
from tallyscope.returns.reading.tables import RawTable

__all__ = ["MAPPED", "WorkedOut", "election_of", "raw_frame", "work_out"]

#: The id of every form that no law prints.
MAPPED = "mapped"
#: Below this confidence in any of the standing figures, or in a choice, a person has to look first.
SURE = 0.5
_STANDING = ("registered", "valid", "cast", "invalid")
#: What holds on any form that has the lines, whatever the country: code, level, expression, public text.
_UNIVERSAL: tuple[tuple[str, Level, str, str], ...] = (
    ("E1", "hard", "valid = choices", "The votes of all choices add up to the valid votes."),
    ("E2", "hard", "cast = valid + invalid", "Every ballot found in the boxes is either valid or invalid."),
    ("W1", "soft", "cast <= registered", "No more ballots in the boxes than voters on the list."),
    ("W2", "soft", "cast <= issued", "No more ballots in the boxes than were issued."),
    ("W3", "soft", "voted <= registered", "No more voters took part than are on the list."),
)


@dataclass(frozen=True)
class WorkedOut:
    """A mapping made without a person, and what she should know of it."""

    mapping: ColumnMapping
    notices: tuple[str, ...]


def raw_frame(table: RawTable) -> pl.DataFrame:
    """The whole table; columns are integers where every cell of them is, text otherwise."""
    frame = table.load(table.headers, ())
    return frame.with_columns(
        frame[c].cast(pl.Int64, strict=False).alias(c)
        for c in frame.columns
        if frame[c].dtype == pl.String and _all_whole(frame[c])
    )


def _all_whole(series: pl.Series) -> bool:
    """Whole numbers without leading zeros: those are names ("007"), and numbers lose them."""
    given = series.drop_nulls()
    return bool(given.len()) and bool(given.str.contains(r"^(0|-?[1-9]\d{0,14})$").all())


def work_out(table: RawTable) -> WorkedOut:
    """Works out what the columns are. Raises ReadError when the standing figures cannot be told."""
    from tallyscope.returns.inference import infer

    inference = infer(raw_frame(table))
    mapping = inference.mapping()
    choices = [t for t in mapping.columns.values() if choice_of(t) is not None]
    weak = [
        g
        for g in inference.guesses
        if (g.target in _STANDING or choice_of(g.target) is not None) and g.confidence < SURE
    ]
    if not choices or weak:
        hint = "Run `tallyscope inspect FILE --out mapping.toml`, correct it, and pass it with --mapping."
        why = [f"column {g.column!r} may be {g.target!r} ({g.confidence:.0%})" for g in weak]
        text = "is of no form that is known, and its columns could not be worked out"
        detail = f": {'; '.join(why)}." if choices else ": no columns of votes were found."
        raise ReadError([Problem(table.name, text + detail, hint)])
    notice = (
        f"{table.name} is of no form that is known: its columns were worked out by their names and by arithmetic. "
        "`tallyscope inspect` shows the evidence."
    )
    return WorkedOut(mapping, (*table.notices, notice))


def election_of(name: str, mapping: ColumnMapping) -> Election:
    """An election for a mapping: of the form it names, or of one with only the relations that hold anywhere."""
    roles = [t for t in mapping.columns.values() if t in ROLES]
    choices = [c for t in mapping.columns.values() if (c := choice_of(t)) is not None]
    derived = {role: parse_linear(text, {}) for role, text in mapping.derived.items()}
    headers = {t: h for h, t in mapping.columns.items()}
    levels = mapping.levels or tuple(x for t in mapping.columns.values() if (x := level_of(t)) is not None)
    stem = bare_name(name)
    shown = tuple(LevelNames(x, (headers.get(f"level:{x}", x),), x.replace("_", " ").capitalize()) for x in levels)
    named = tuple(Choice(c, mapping.choice_names.get(c) or headers[f"choice:{c}"]) for c in choices)
    if mapping.form:
        form = replace(load_form(mapping.form), denominator=mapping.denominator, levels=shown)
        return Election(id=form.id, title=mapping.title or stem, form=form, choices=named)
    form = Form(
        id=MAPPED,
        title="Form worked out from the file",
        country="",
        denominator=mapping.denominator,
        lines=tuple(Line(role, (headers[role],)) for role in roles),
        levels=shown,
        station=tuple((h,) for h, t in mapping.columns.items() if t == STATION),
        relations=tuple(_universal(set(roles), set(derived))),
        derived=derived,
        source="The relations hold on any form that has the lines; no law of the country is behind them.",
    )
    return Election(id=stem, title=mapping.title or stem, form=form, choices=named)


def _universal(roles: set[str], derived: set[str]) -> list[Relation]:
    """An equality is only worth checking between figures that were read; blank ballots may be a part of cast."""
    kept = []
    for code, level, expression, public in _UNIVERSAL:
        relation = parse_relation(code, level, expression, {}, public=public)
        parts = {r for r in relation.residual.terms if r != CHOICES}
        known = roles if relation.operator == "=" else roles | derived
        if parts <= known and not (parts == {"cast", "valid", "invalid"} and "blank" in roles):
            clerk = f"{expression} does not hold ({', '.join(role_title(p) for p in sorted(parts))})."
            kept.append(parse_relation(code, level, expression, {}, clerk=clerk, public=public))
    return kept
