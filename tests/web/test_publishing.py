"""The publisher's page: both paths side by side, nothing released that differs, every release in the trail."""

from __future__ import annotations

import re

from sqlalchemy import text

from made_files import ELECTION, protocols
from made_service import Made
from tallyscope.ledger.bulletins import bulletin, newest
from tallyscope.ledger.schema import figure_columns
from tallyscope.ledger.version import Version


def accept(made: Made, rows: int, start: int = 0) -> None:
    """Official protocols of the first stations."""
    versions = [
        Version(
            station=" / ".join(str(part) for part in row[:3]),
            form=ELECTION.form.id,
            source="official",
            stage="first",
            figures=dict(zip(figure_columns(ELECTION), row[3:], strict=True)),  # type: ignore[arg-type]
            entered_by="clerk",
            accepted_at=made.office.now(),
        )
        for row in protocols(rows)[start:]
    ]
    made.ledger.accept(versions)


def release(made: Made, size: int | None = None) -> tuple[int, str]:
    publisher = made.as_("publisher")
    data = {"size": made.ledger.size if size is None else size}
    answer = publisher.send("/publish", data, form="/publish")
    return answer.status_code, answer.headers.get("location", answer.text)


def test_a_bulletin_is_looked_at_by_both_paths_then_published(everywhere: Made) -> None:
    accept(everywhere, 6)
    page = everywhere.as_("publisher").open("/publish").text
    assert "6 of 8 protocols" in page or "6 of" in page
    cells = re.findall(r'<td class="n">([\d,]+)</td><td class="n">([\d,]+)</td>', page)
    assert len(cells) == len(figure_columns(ELECTION))
    assert all(first == second for first, second in cells)
    assert release(everywhere) == (303, "/publish?done=1")
    made = bulletin(everywhere.ledger, 1)
    assert (made.size, made.published_by) == (6, "publisher")
    assert "publish" in everywhere.as_("admin").open("/admin/audit.csv?action=publish").text


def test_a_count_that_grew_meanwhile_is_looked_at_again(made: Made) -> None:
    accept(made, 2)
    seen = made.ledger.size
    accept(made, 4, start=2)
    status, page = release(made, seen)
    assert (status, "has changed since you looked" in page, newest(made.ledger)) == (422, True, None)


def test_iowa_2020_what_two_paths_count_differently_is_not_released(made: Made) -> None:
    accept(made, 3)
    with made.office.writing() as connection:
        connection.execute(text("UPDATE sums SET invalid = invalid + 1"))
    assert "It would be refused" in made.as_("publisher").open("/publish").text
    status, _ = release_anyway(made)
    assert (status, newest(made.ledger)) == (422, None)
    assert "publish refused" in made.as_("admin").open("/admin/audit.csv").text


def release_anyway(made: Made) -> tuple[int, str]:
    publisher = made.as_("publisher")
    answer = publisher.send("/publish", {"size": made.ledger.size}, form="/work")
    return answer.status_code, answer.text


def test_a_correction_is_shown_before_it_is_published(made: Made) -> None:
    accept(made, 3)
    release(made)
    row = protocols(1)[0]
    figures = dict(zip(figure_columns(ELECTION), row[3:], strict=True))
    first, second = (f"votes_{c.id}" for c in ELECTION.choices[:2])
    figures[first], figures[second] = figures[second], figures[first]
    (before,) = made.ledger.history(" / ".join(str(part) for part in row[:3]))
    made.ledger.accept(
        [
            Version(
                station=before.station,
                form=before.form,
                source="official",
                stage="repeat",
                figures=figures,  # type: ignore[arg-type]
                entered_by="clerk",
                accepted_at=made.office.now(),
                reason="<b>lines mixed up</b>",
                supersedes=before.number,
            )
        ]
    )
    page = made.as_("publisher").open("/publish").text
    assert "&lt;b&gt;lines mixed up&lt;/b&gt;" in page


def test_without_a_signing_key_nothing_is_published(made: Made) -> None:
    from tallyscope.web.app import create_app
    from tallyscope.web.settings import Settings

    accept(made, 1)
    made.app = create_app(Settings(made.app.state.serving.settings.secret), made.ledger, made.office)
    assert "no signing key" in made.as_("publisher").open("/publish").text
    assert release_anyway(made)[0] == 422
    assert newest(made.ledger) is None
