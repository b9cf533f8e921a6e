"""docs/rules.md, made from the rules and the forms: `python docs/rules/tables.py` writes it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tallyscope.election.form import Form
from tallyscope.election.load import form_ids, load_form
from tallyscope.election.rule import AUDIENCES, Rule, advice, general_rules, rules_of

PAGE = Path(__file__).parents[1] / "rules.md"
LANGUAGES = ("en", "ru")
_HEAD = """# Rules of entry

Made from `src/tallyscope/election/rules.toml` and the forms beside it by `python docs/rules/tables.py`; not to be
edited.

A rule is kept where one of the alternatives of its expression holds, and speaks where none does. A rule that names
a figure that is not known, or a line that the form does not have, says nothing. **E** blocks acceptance, **W** is
accepted with a reason, **I** is said for information.

Zero, missing on the paper (typed as `-`), illegible (`?`), not typed yet, and not on this form stay apart
everywhere. Where a relation fails, every single slip of the pen that would mend it without breaking another is
suggested: two neighbouring digits swapped, or one to three zeros too many or too few. A suggestion is a place to
look, never a correction.

`usual_invalid` is what would be invalid at the median share of the commission's stations; `twins` are other
stations that stand with the same figure on every line; `listed` is the number of voters known before voting.
"""


def text() -> str:
    """The whole page."""
    parts = [_HEAD, "## What is done about them", _advice(), "## For every form", _table(general_rules())]
    parts += ["## The texts", *(_texts(rule) for rule in general_rules())]
    for id in form_ids():
        form = load_form(id)
        relations = [rule for rule in rules_of(form) if rule.relation]
        parts += [f"## {form.title}", _of_form(form), _table(relations), *(_texts(rule) for rule in relations)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _of_form(form: Form) -> str:
    dates = f"{form.valid_from or 'open'} to {form.valid_until or 'open'}"
    return f"Form `{form.id}`, in force {dates}. {form.source}.".replace("..", ".")


def _advice() -> str:
    rows = [
        f"| {level} | {language} | " + " | ".join(advice(level, a, language) for a in AUDIENCES) + " |"
        for level in ("E", "W", "I")
        for language in LANGUAGES
    ]
    return "\n".join([f"| level | | {' | '.join(AUDIENCES)} |", "| --- | --- | --- | --- | --- |", *rows])


def _table(rules: Iterable[Rule]) -> str:
    rows = [
        f"| {r.code} | {r.level} | `{r.expression}` | {', '.join(f'`{line}`' for line in r.lines) or 'none'} "
        f"| {r.valid_from or 'open'} | {r.valid_until or 'open'} |"
        for r in rules
    ]
    return "\n".join(
        [
            "| code | level | kept where | points at | from | until |",
            "| --- | --- | --- | --- | --- | --- |",
            *rows,
        ]
    )


def _texts(rule: Rule) -> str:
    asked = AUDIENCES if rule.relation is None else ("clerk", "public")  # the coordinator reads the clerk's text
    told = [f"- {a}, {lang}: {rule.text(a, lang)}" for lang in LANGUAGES for a in asked]
    return "\n".join([f"**{rule.code}**", "", *told])


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
