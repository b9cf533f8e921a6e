"""The publisher's page: what the next bulletin would say by both paths, and releasing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from tallyscope.election.roles import VOTES
from tallyscope.ledger.accounts.person import Person
from tallyscope.ledger.bulletins import Bulletin, bulletin, newest, publish
from tallyscope.ledger.bulletins.preview import Preview, preview
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.schema import figure_columns
from tallyscope.web.current import Acting, Signed, require
from tallyscope.web.language import Language, marked
from tallyscope.web.pages import go, language_of, page
from tallyscope.web.serving import Serving, ServingNow

__all__ = ["router"]

router = APIRouter(prefix="/publish")
_CHANGED = marked("The count has changed since you looked: look again, then publish.")
_NO_KEY = marked("This service has no signing key: an administrator starts it with one.")


@router.get("")
def look(request: Request, serving: ServingNow, person: Signed) -> Response:
    """What the next bulletin would say, and whether it would be released."""
    return _page(request, serving, person)


@router.post("")
def release(
    request: Request,
    serving: ServingNow,
    person: Signed,
    actor: Acting,
    size: Annotated[int, Form(ge=0, le=2**53)],
) -> Response:
    """Publishes the count that was looked at; one that has grown since is looked at again."""
    _require(serving, person)
    if serving.settings.signer is None:
        return _page(request, serving, person, [_NO_KEY])
    if size != serving.ledger.size:
        return _page(request, serving, person, [_CHANGED])
    try:
        made = publish(serving.ledger, serving.settings.signer, by=person.login)
    except Refused as error:
        _record(serving, actor.name, actor.address, "publish refused", {"reasons": len(error.problems)})
        return _page(request, serving, person, error.problems)
    _record(serving, actor.name, actor.address, "publish", {"bulletin": made.number, "size": made.size})
    return go(f"/publish?done={made.number}")


def _require(serving: Serving, person: Person) -> None:
    """A bulletin is of the whole count, so only a role held at the root publishes."""
    require(person, "publish", serving.office.tree.place(serving.office.tree.root))


def _record(serving: Serving, actor: str, address: str, action: str, details: dict[str, int]) -> None:
    with serving.office.writing() as connection:
        root = serving.office.tree.root
        serving.office.trail.record(connection, actor, action, commission=root, address=address, details=details)


def _page(request: Request, serving: Serving, person: Person, problems: Sequence[object] = ()) -> Response:
    _require(serving, person)
    found = preview(serving.ledger, by=person.login)
    return page(
        request,
        "publish.html.j2",
        422 if problems else 200,
        problems=problems,
        found=found,
        rows=_rows(serving, language_of(request), found),
        published=_published(serving),
        can_sign=serving.settings.signer is not None,
        done=request.query_params.get("done", "") if not problems else "",
    )


def _published(serving: Serving, count: int = 5) -> list[Bulletin]:
    """The latest bulletins, the last one first."""
    last = newest(serving.ledger) or 0
    numbers = range(last, max(last - count, 0), -1)
    return [bulletin(serving.ledger, number) for number in numbers]


def _rows(serving: Serving, language: Language, found: Preview) -> list[tuple[str, int, int]]:
    """Line by line of the whole count: its name, the sum that is kept, the sum added up anew."""
    election = serving.ledger.election
    rows = []
    for column in figure_columns(election):
        if column in found.first:
            is_choice = column.startswith(VOTES)
            name = (
                language.choice(election.choice(column.removeprefix(VOTES)))
                if is_choice
                else language.line(election.form, column)
            )
            rows.append((name, found.first[column], found.second[column]))
    return rows
