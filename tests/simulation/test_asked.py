"""Mechanisms asked for in one line each."""

from __future__ import annotations

import pytest

from tallyscope.returns.table import Returns
from tallyscope.simulation import CleanSpec, Site, clean_election
from tallyscope.simulation.asked import ask, carry_out
from tallyscope.simulation.mechanisms import MECHANISMS


@pytest.fixture(scope="module")
def clean() -> Returns:
    return clean_election(CleanSpec(stations=400, regions=5), seed=3)


def problems_of(text: str) -> tuple[str, ...]:
    asked, problems = ask(text)
    assert asked is None
    return problems


def test_a_line_says_mechanism_dose_place_and_options() -> None:
    asked, problems = ask(
        "ballot stuffing: dose=.05, site=North, or so;South/District 03 , at=territory,units=.2,"
        "stations=.5,since=18,unevenness=1,choice=hazel"
    )
    assert problems == ()
    assert asked
    assert asked.mechanism is MECHANISMS["ballot stuffing"]
    assert asked.dose == 0.05
    # A comma within a name ends nothing: no key follows it.
    assert asked.site == Site("territory", (("North, or so",), ("South", "District 03")), 0.2, 0.5)
    assert asked.options == {"since": 18, "unevenness": 1.0, "choice": "hazel"}


@pytest.mark.parametrize("name", ["Ballot-Stuffing", "ballot_stuffing", "  ballot   stuffing "])
def test_a_name_may_be_written_in_any_usual_way(name: str) -> None:
    asked, _ = ask(f"{name}:dose=0")
    assert asked
    assert asked.mechanism.name == "ballot stuffing"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("stuffing:dose=1", ["there is no mechanism 'stuffing'; there are: ballot stuffing, extreme"]),
        ("vote switching", ["a dose is needed: votes moved / the choice's votes"]),
        ("vote switching:dose", ["'dose' is not key=value", "a dose is needed"]),
        ("vote switching:dose=1,dose=2", ["'dose' is said twice"]),
        ("vote switching:dose=many", ["dose=many: is not a number"]),
        ("vote switching:dose=-1", ["a dose is a number from 0 on, not -1.0"]),
        ("vote switching:dose=nan", ["a dose is a number from 0 on, not nan"]),
        ("vote switching:dose=1,units=3", ["units lies in (0, 1], not at 3.0"]),
        (
            "vote switching:step=5,units=x",
            ["'step' is nothing that vote switching can be asked", "units=x: is not a number", "a dose is needed"],
        ),
    ],
)
def test_everything_wrong_with_a_line_is_told(text: str, pieces: list[str]) -> None:
    told = problems_of(text)
    assert all(p.startswith(repr(text)) for p in told)
    for piece in pieces:
        assert any(piece in p for p in told)


def test_what_cannot_be_done_is_told_of_all_that_was_asked(clean: Returns) -> None:
    lines = ["vote switching:dose=.01", "vote switching:dose=9", "home voting under control:dose=.01,site=Atlantis"]
    asked = [a for a, _ in map(ask, lines) if a]
    simulation, problems = carry_out(clean, asked, seed=1)
    assert len(simulation.truths) == 1
    assert [p.split(":")[0] for p in problems] == ["'vote switching", "'home voting under control"]
    assert "room for" in problems[0]
    assert "is named: Atlantis" in problems[1]


def test_the_same_mechanism_twice_does_not_do_the_same_twice(clean: Returns) -> None:
    asked, _ = ask("ballot stuffing:dose=.01,stations=.3")
    assert asked
    simulation, _ = carry_out(clean, [asked, asked], seed=1)
    one, two = simulation.truths
    assert one.stations.tolist() != two.stations.tolist()
    assert simulation.votes_gained().sum() == one.votes_gained + two.votes_gained


@pytest.mark.parametrize("name", list(MECHANISMS))
def test_every_option_of_the_table_is_one_that_the_mechanism_takes(clean: Returns, name: str) -> None:
    mechanism = MECHANISMS[name]
    known = {"unevenness": "0.5", "since": "15", "spread": "0.1", "entered": "added", "group": "20", "part": "0.2"}
    known |= {"step": "1", "unit": "region", "jitter": "1", "lift": "10", "digits": "human", "liking": "1"}
    options = ",".join(f"{key}={known[key]}" for key in mechanism.options)
    asked, problems = ask(f"{name}:dose={mechanism.doses[1]},{options}")
    assert problems == ()
    assert asked
    simulation, problems = carry_out(clean, [asked], seed=1)
    assert problems == ()
    assert simulation.truths[0].stations.size
