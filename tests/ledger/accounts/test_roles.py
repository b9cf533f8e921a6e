"""Who may do what, where: the whole table, written a second time, and the tree that it is bound to."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallyscope.ledger.accounts.roles import ACTIONS, MAY, ROLES, SCOPES, Action, Grant, Place, Role, allowed, may

#: A column a role, in the order of ROLES: clerk, coordinator, observer, publisher, administrator.
TABLE: dict[str, str] = {
    "see": "yes yes yes yes yes",
    "enter": "yes -   -   -   -",
    "decide": "-   yes -   -   -",
    "copy": "-   -   yes -   -",
    "propose": "yes yes -   -   -",
    "import": "-   yes -   -   -",
    "publish": "-   -   -   yes -",
    "persons": "-   -   -   -   yes",
    "sessions": "-   -   -   -   yes",
    "tokens": "-   -   -   -   yes",
    "audit": "-   -   -   -   yes",
}
places = st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple)


def test_the_table_has_every_action_and_every_role() -> None:
    assert tuple(TABLE) == ACTIONS
    assert tuple(MAY) == ROLES
    assert set(SCOPES) <= set(ACTIONS)


@pytest.mark.parametrize(("role", "action"), list(product(ROLES, ACTIONS)))
def test_a_role_does_at_its_commission_what_the_table_says(role: Role, action: Action) -> None:
    assert allowed(role, (1, 2), action, (1, 2)) == (TABLE[action].split()[ROLES.index(role)] == "yes")


@given(held=places, target=places, role=st.sampled_from(ROLES), action=st.sampled_from(ACTIONS))
def test_a_role_reaches_its_commission_and_below_and_nothing_else(
    held: Place, target: Place, role: Role, action: Action
) -> None:
    below = len(target) >= len(held) and all(a == b for a, b in zip(held, target, strict=False))
    assert allowed(role, held, action, target) == (below and action in MAY[role])


@given(grants=st.lists(st.builds(Grant, st.sampled_from(ROLES), places), max_size=3), target=places)
def test_nobody_who_types_or_decides_can_be_made_to_publish_by_their_roles_alone(
    grants: list[Grant], target: Place
) -> None:
    if may(grants, "publish", target):
        assert any(grant.role == "publisher" for grant in grants)


def test_no_role_held_nowhere_reaches_anything() -> None:
    assert not allowed("administrator", (), "persons", (1,))
    assert not allowed("administrator", (), "persons", ())


def test_a_bulletin_is_of_the_whole_count_so_only_the_root_publishes() -> None:
    assert allowed("publisher", (1,), "publish", (1,))
    assert not allowed("publisher", (1, 2), "publish", (1,))
