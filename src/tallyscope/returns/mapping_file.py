"""A mapping as a TOML file: written with the evidence beside every column, corrected by hand, read back.

title = "Georgia, president, 27 October 2013"
denominator = "valid"        # of vote shares: "valid" votes or all ballots "cast"
drop_totals = false
form = "ge-president-2013"   # whose relations hold; only where the form is known
levels = ["district"]        # of the tree above the station, the top one first

[columns]                    # header of the file = what it is
"district" = "level:district"
"precinct" = "station"
"5 - Davit Bakradze" = "choice:bakradze"

[choices]                    # id of a choice = the name to show
bakradze = "Davit Bakradze"

[derived]                    # figures that no column carries = sum of roles
valid = "choices"
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, get_args

from tallyscope.election.form import Denominator
from tallyscope.election.load import form_ids
from tallyscope.election.relation import CHOICES, RelationError, parse_linear
from tallyscope.election.roles import ROLES, is_role
from tallyscope.returns.mapping import (
    ARRIVED,
    IGNORE,
    SCANNER,
    STATION,
    ColumnMapping,
    attribute_of,
    choice_of,
    joined,
    level_of,
    target_error,
)

if TYPE_CHECKING:
    from tallyscope.returns.inference import Inference

__all__ = ["MappingError", "read_mapping", "write_mapping"]

_KEYS = ("title", "denominator", "drop_totals", "form", "levels", "columns", "choices", "derived")
_HEAD = """\
# How the columns of a file are understood. Correct what is wrong and pass the file with --mapping.
# A column is a role (registered, cast, valid, invalid ...), "choice:ID", "level:NAME", "station", "ignore",
# "arrived" (when the protocol came in, UTC; "arrived:Europe/Moscow" in local time), "scanner" (machine-counted).
"""


class MappingError(ValueError):
    """A mapping that cannot be used; `problems` has every reason: the column, and what to write instead."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def write_mapping(source: Inference | ColumnMapping, title: str = "") -> str:
    """The mapping as TOML text; of an Inference with confidence and evidence as comments above every column."""
    mapping = source if isinstance(source, ColumnMapping) else source.mapping()
    notes = {} if isinstance(source, ColumnMapping) else _notes(source)
    totals = "" if isinstance(source, ColumnMapping) else _totals_note(source)
    levels, drop = ", ".join(_text(name) for name in mapping.levels), str(mapping.drop_totals).lower()
    lines = [
        _HEAD,
        f"title = {_text(title or mapping.title)}",
        f'denominator = {_text(mapping.denominator)}  # of vote shares: "valid" votes or all ballots "cast"',
        f"drop_totals = {drop}  # leave out rows that are sums of others{totals}",
        *(
            [f"form = {_text(mapping.form)}  # whose lines and relations these protocols have"]
            if mapping.form
            else []
        ),
        f"levels = [{levels}]  # above the station, the top one first",
        "",
        "[columns]",
    ]
    for header, target in mapping.columns.items():
        lines += [f"# {_comment(note)}" for note in notes.get(header, ())]
        lines.append(f"{_text(header)} = {_text(target)}")
    lines += _table("choices", mapping.choice_names, "# The name to show for each choice.")
    lines += _table("derived", mapping.derived, "# Figures that no column carries, as sums of roles.")
    return "\n".join(lines) + "\n"


def _notes(inference: Inference) -> dict[str, tuple[str, ...]]:
    return {g.column: (f"{g.confidence:.0%} sure: {'; '.join(g.evidence)}",) for g in inference.guesses}


def _totals_note(inference: Inference) -> str:
    rows = inference.totals["index"].to_list()
    if not rows:
        return ""
    shown = ", ".join(f"{r + 1:,}" for r in rows[:5]) + (" ..." if len(rows) > 5 else "")
    return f": {len(rows):,} found, rows {shown} of the table"


def _table(name: str, entries: Mapping[str, str], comment: str) -> list[str]:
    if not entries:
        return []
    return ["", f"[{name}]  {comment}", *(f"{_text(k)} = {_text(v)}" for k, v in entries.items())]


def _text(value: str) -> str:
    """A TOML basic string."""
    plain = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    return '"' + "".join(plain.get(c) or (f"\\u{ord(c):04x}" if c < " " or c == "\x7f" else c) for c in value) + '"'


def _comment(note: str) -> str:
    return "".join(c if c.isprintable() else " " for c in note)


def read_mapping(text: str, source_name: str = "mapping") -> ColumnMapping:
    """Reads a mapping. Raises MappingError with everything that is wrong with it, each problem naming the file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = 'Headers and targets stand in double quotes: "header" = "target".'
        raise MappingError([f"{source_name}: is not TOML: {error}. {hint}"]) from None
    columns = _texts(data.get("columns"))
    derived, names = _texts(data.get("derived")), _texts(data.get("choices"))
    levels = data.get("levels", [])
    problems = [
        *_shape_problems(data),
        *_target_problems(columns),
        *_repeats(columns),
        *_missing(columns),
        *_level_problems(levels, columns),
        *_choice_problems(names, columns),
        *_derived_problems(derived, columns),
    ]
    if problems:
        raise MappingError(f"{source_name}: {p}" for p in problems)
    return ColumnMapping(
        columns=columns,
        levels=tuple(levels),
        title=data.get("title", ""),
        denominator=data.get("denominator", "valid"),
        choice_names=names,
        derived=derived,
        drop_totals=data.get("drop_totals", False),
        form=data.get("form", ""),
    )


def _texts(table: object) -> dict[str, str]:
    """The entries of a table that are text; the others are told by `_shape_problems`."""
    return {k: v for k, v in table.items() if isinstance(v, str)} if isinstance(table, dict) else {}


def _shape_problems(data: Mapping[str, Any]) -> list[str]:
    known = ", ".join(_KEYS)
    problems = [f"{key!r} is no part of a mapping; write one of {known}." for key in data if key not in _KEYS]
    for table in ("columns", "choices", "derived"):
        entries = data.get(table, {})
        if not isinstance(entries, dict):
            problems.append(f"{table!r} is not a table; write [{table}] on a line of its own.")
            continue
        wrong = [k for k, v in entries.items() if not isinstance(v, str)]
        problems += [f'column {k!r} of [{table}] is not text; write "{k}" = "...".' for k in wrong]
    if not isinstance(data.get("title", ""), str):
        problems.append('the title is not text; write title = "...".')
    if not isinstance(data.get("drop_totals", False), bool):
        problems.append("drop_totals is neither true nor false; write drop_totals = true or drop_totals = false.")
    if data.get("form", "") not in ("", *form_ids()):
        problems.append(f"there is no form {data['form']!r}; write one of {', '.join(form_ids())}.")
    if data.get("denominator", "valid") not in get_args(Denominator):
        allowed = " or ".join(f'denominator = "{d}"' for d in get_args(Denominator))
        problems.append(f"the denominator {data['denominator']!r} is not known; write {allowed}.")
    levels = data.get("levels", [])
    if not isinstance(levels, list) or not all(isinstance(x, str) for x in levels):
        problems.append('levels is not a list of names; write levels = ["region", "territory"].')
    return problems


def _target_problems(columns: Mapping[str, str]) -> list[str]:
    out = []
    for header, target in columns.items():
        error = target_error(target)
        if error is not None:
            out.append(f"column {header!r}: {error}; {_instead(target)}.")
    return out


def _instead(target: str) -> str:
    """What to write in place of a target that is not known."""
    import difflib

    if attribute_of(target) == ARRIVED:
        return 'write "arrived" for UTC, or "arrived:Europe/Moscow"'
    if ":" in target:
        return 'write "choice:surname" or "level:region", with letters, digits and _ after the colon'
    known = [*ROLES, STATION, ARRIVED, SCANNER, IGNORE]
    close = difflib.get_close_matches(target.strip().lower().replace(" ", "_"), known, n=1, cutoff=0.6)
    if close:
        return f'write "{close[0]}"'
    return f'write "choice:{_plain(target)}" if it is a choice, or "ignore"'


def _plain(text: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in text.strip().lower()).strip("_") or "name"


def _repeats(columns: Mapping[str, str]) -> list[str]:
    times = Counter(t for t in columns.values() if not joined(t))
    problems = []
    for target, n in times.items():
        if n > 1:
            headers = [repr(h) for h, t in columns.items() if t == target]
            both = " and ".join([", ".join(headers[:-1]), headers[-1]])
            problems.append(f'columns {both} are both {target!r}; keep one, and write "ignore" for the other.')
    return problems


def _missing(columns: Mapping[str, str]) -> list[str]:
    choices = {choice_of(t) for t in columns.values()} - {None}
    if choices:
        return []
    return ['no column is a choice; write "choice:NAME" for every column that holds the votes for one.']


def _level_problems(levels: object, columns: Mapping[str, str]) -> list[str]:
    if not isinstance(levels, list) or not all(isinstance(x, str) for x in levels):
        return []
    there = [name for t in columns.values() if (name := level_of(t)) is not None]
    problems = [
        f'level {x!r} is in levels, but no column is "level:{x}"; give it a column, or take it out of levels.'
        for x in levels
        if x not in there
    ]
    problems += [f"level {x!r} is twice in levels; write it once." for x, n in Counter(levels).items() if n > 1]
    if levels:
        lost = [h for h, t in columns.items() if (x := level_of(t)) and x not in levels]
        problems += [f"column {h!r} is {columns[h]!r}, which is not in levels; add it there." for h in lost]
    return problems


def _choice_problems(names: Mapping[str, str], columns: Mapping[str, str]) -> list[str]:
    there = {choice_of(t) for t in columns.values()}
    return [
        f'[choices] names {id!r}, but no column is "choice:{id}"; correct the id, or take the name out.'
        for id in names
        if id not in there
    ]


def _derived_problems(derived: Mapping[str, str], columns: Mapping[str, str]) -> list[str]:
    known = {t for t in columns.values() if is_role(t)} | {CHOICES}
    problems = []
    for role, expression in derived.items():
        if not is_role(role):
            problems.append(f"[derived] {role!r} is not a role; {_instead(role)}.")
        elif role in known:
            problems.append(f"[derived] {role!r} is also a column; keep one of them.")
        try:
            terms = parse_linear(expression, {}).terms
        except RelationError as error:
            problems.append(f'[derived] {role!r}: {error}; write a sum of roles, "valid + invalid".')
            continue
        unknown = [t for t in terms if t not in known]
        problems += [
            f"[derived] {role!r} needs {t!r}, which no column is and nothing above derives; take it out, "
            "or derive it first."
            for t in unknown
        ]
        known.add(role)
    return problems
