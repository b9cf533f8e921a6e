"""Whether a mapping fits the table it is to be used on: everything that is wrong with it, before a cell is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tallyscope.election.relation import CHOICES, RelationError, parse_linear
from tallyscope.election.roles import VOTES, is_role
from tallyscope.returns.mapping import IGNORE, ColumnMapping, choice_of, joined, level_of, target_error
from tallyscope.returns.problems import Problem
from tallyscope.returns.reading.audit import like_formula
from tallyscope.returns.reading.tables import RawTable
from tallyscope.returns.table import ATTRIBUTES, BOOKKEEPING

__all__ = ["mapping_problems"]


def mapping_problems(table: RawTable, mapping: ColumnMapping) -> list[Problem]:
    """Headers the table lacks, targets that do not exist or are taken twice, levels and sums that nothing fills."""
    absent = [h for h in mapping.columns if h not in table.headers]
    hint = f"The mapping names it; the file has: {', '.join(table.headers[:40])}."
    problems = [Problem(table.name, "is not in the file.", hint, column=h) for h in absent]
    for header, target in mapping.columns.items():
        error = target_error(target)
        if error:
            problems.append(Problem(table.name, f"is mapped to {error}.", "Correct the mapping.", column=header))
        elif target != IGNORE and like_formula(header):
            text, advice = "is a header that begins like a formula.", "A spreadsheet would run it: correct it."
            problems.append(Problem(table.name, text, advice, row=table.header_row, column=header))
    return [*problems, *(Problem(table.name, text, "Correct the mapping.") for text in _contradictions(mapping))]


def _contradictions(mapping: ColumnMapping) -> Iterator[str]:
    targets = Counter(t for t in mapping.columns.values() if not joined(t))
    for target, times in targets.items():
        if times > 1:
            yield f"is read by a mapping in which {times} columns are {target!r}."
    if not any(choice_of(t) is not None for t in targets):
        yield "is read by a mapping without a single choice: at least one column must be 'choice:NAME'."
    filled = {level for t in targets if (level := level_of(t)) is not None}
    for level in mapping.levels:
        if level not in filled:
            yield f"is read by a mapping with the level {level!r}, which no column fills."
    for level in filled:
        if level in BOOKKEEPING or level in ATTRIBUTES or is_role(level) or level.startswith(VOTES):
            yield f"is read by a mapping with a level called {level!r}, which is the name of another column."
    for role, text in mapping.derived.items():
        try:
            terms = parse_linear(text, {}).terms
        except RelationError as error:
            yield f"is read by a mapping whose sum for {role!r} is wrong: {error}."
            continue
        for name in (role, *terms):
            if name != CHOICES and not is_role(name):
                yield f"is read by a mapping whose sum for {role!r} names {name!r}, which is not a role."
