"""How a bulletin is shown in a terminal, and as a table of its units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tallyscope.cli.common import console, count, percent
from tallyscope.report.words import several

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from tallyscope.ledger.bulletins import Bulletin

__all__ = ["bulletin_frame", "print_bulletin"]

#: Corrections and missing places that are told one by one.
_SHOWN = 10


def print_bulletin(found: Bulletin, clock: str = "") -> None:
    """What a bulletin says, the whole count first; `clock`: whose time it is, if not the day's."""
    out, body, nation = console(), found.body, found.nation
    out.print(f"Bulletin {found.number}: {body['election']['title']}", style="bold", markup=False)
    at = f"{found.published_at:%Y-%m-%d %H:%M:%S} UTC{f' ({clock})' if clock else ''}"
    out.print(f"{at}, by {found.published_by}{_since(body)}", markup=False)
    done = percent(100 * found.processed / found.of if found.of else None)
    out.print(f"{count(found.processed)} of {count(found.of)} protocols ({done})", markup=False)
    registered, turnout = count(nation["registered"]), _shown(nation["turnout"])
    ballots = f"{count(nation['cast'])} ballots cast, {count(nation['invalid'])} of them invalid"
    out.print(f"{ballots}; {registered} voters on the lists of these stations: turnout {turnout}", markup=False)
    _choices(out, body, nation)
    for sentence in (body["outcome"] or {}).get("sentences", ()):
        out.print(sentence, markup=False, soft_wrap=True)
    _kinds(out, body)
    _missing(out, found)
    _corrections(out, body)
    if body["unbalanced"]:
        broken = several(len({u["station"] for u in body["unbalanced"]}), "protocol")
        out.print(f"A relation of the form is broken in {broken}, which the body lists.", markup=False)
    out.print(f"{count(found.size)} versions, root {found.root}", markup=False)


def _since(body: dict[str, Any] | Any) -> str:
    seconds = body["seconds_since_previous"]
    if seconds is None:
        return "; the first one"
    hours, rest = divmod(seconds, 3600)
    time = f"{hours} h {rest // 60} min" if hours else f"{rest // 60} min {rest % 60} s"
    return f"; {time} after bulletin {body['previous']}"


def _shown(text: str | None) -> str:
    return percent(None) if text is None else f"{text}\u00a0%"


def _choices(out: Console, body: Any, nation: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table()
    table.add_column("choice")
    table.add_column("votes", justify="right")
    table.add_column(f"% of {body['shares_of']}", justify="right")
    between = (body.get("still_out") or {}).get("between")
    if between:
        table.add_column("will be", justify="right")
    for choice in sorted(body["choices"], key=lambda c: -(nation[f"votes_{c['id']}"] or 0)):
        votes = count(nation[f"votes_{choice['id']}"])
        bounds = ["\u2013".join(between[choice["id"]]) + "\u00a0%"] if between else []
        table.add_row(Text(choice["name"]), votes, _shown(nation[f"share_{choice['id']}"]), *bounds)
    out.print(table)
    if between:
        most = count(body["still_out"]["ballots_at_most"])
        text = f"Will be: whatever the {most} ballots say that can still come at most; bounds, and no forecast."
        out.print(text, markup=False, soft_wrap=True)


def _kinds(out: Console, body: Any) -> None:
    kinds = [k for k in body["kinds"] if k["kind"] == "station"]
    if len(kinds) < 2:
        return
    told = [f"{_size(k['voters_up_to'])}: {count(k['processed'])} of {count(k['stations'])}" for k in kinds]
    out.print("Stations in, by voters on their lists: " + "; ".join(told), markup=False, soft_wrap=True)


def _size(largest: int | None) -> str:
    if largest is None:
        return "not known"
    return f"up to {largest:,}" if largest else "more"


def _missing(out: Console, found: Bulletin) -> None:
    unlisted = found.of - found.nation["stations"]
    if unlisted > 0:
        out.print(f"{several(unlisted, 'station')} were announced and are not on the list.", markup=False)
    if not found.missing:
        out.print("No station of the list is missing.", markup=False)
        return
    places = sorted(found.body["missing"], key=lambda m: -len(m[1]))
    told = [f"{' / '.join(path) or 'the nation'} {count(len(names))}" for path, names in places[:_SHOWN]]
    more = f"; and {count(len(places) - _SHOWN)} more places" if len(places) > _SHOWN else ""
    out.print(
        f"Still missing: {count(found.missing)}. Most of them: {'; '.join(told)}{more}",
        markup=False,
        soft_wrap=True,
    )


def _corrections(out: Console, body: Any) -> None:
    found = body["corrections"]
    out.print(f"{several(len(found), 'correction')} since the last bulletin", markup=False)
    for c in found[:_SHOWN]:
        changes = ", ".join(f"{f} {count(was)} -> {count(now)}" for f, (was, now) in c["changes"].items())
        out.print(f"  {c['station']} ({c['stage']}: {c['reason']}): {changes}", markup=False, soft_wrap=True)
    if len(found) > _SHOWN:
        out.print(f"  and {count(len(found) - _SHOWN)} more, in the body", markup=False)


def bulletin_frame(found: Bulletin) -> pl.DataFrame:
    """Its units, one row each."""
    import polars as pl

    rows = [{**unit, "path": " / ".join(unit["path"])} for unit in found.units]
    return pl.DataFrame(rows, infer_schema_length=None)
