"""Calibration: what a study plans, draws, does and asks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tallyscope.forensics.calibration.job import Answer, run_job
from tallyscope.forensics.calibration.places import PLACES, site
from tallyscope.forensics.calibration.plan import FIRST_SEED, Job, Part, Plan
from tallyscope.forensics.calibration.plans import PLANS, Scope, UnknownPlan, plan
from tallyscope.forensics.calibration.structures import design, draw, like_file, undisputed_file
from tallyscope.forensics.calibration.study import Request, planned
from tallyscope.forensics.calibration.summary import Study, study_rates
from tallyscope.forensics.methods import run
from tallyscope.simulation import CleanSpec, clean_election
from tallyscope.simulation.designs import CLEAN_DESIGNS
from tallyscope.simulation.mechanisms import MECHANISMS
from tallyscope.simulation.mechanisms.names import STUFFING

TINY = design("territories", 600)


def test_a_plan_has_every_job_once_and_the_methods_of_every_part_that_names_it() -> None:
    both = (
        Part("a", (TINY,), 2, ("one",), ((STUFFING, 0.05),), ("all",)),
        Part("b", (TINY,), 3, ("two", "one"), ((STUFFING, 0.05),), ("all",)),
    )
    jobs = Plan("p", both).jobs
    assert [j.seed for j in jobs] == [FIRST_SEED, FIRST_SEED + 1, FIRST_SEED + 2]
    assert [j.methods for j in jobs] == [("one", "two"), ("one", "two"), ("two", "one")]
    assert len({j.key for j in jobs}) == 3
    assert Plan("p", both).only(["two"]).jobs[0].methods == ("two",)


def test_the_acceptance_plan_is_what_the_acceptance_asks() -> None:
    # Four designs x 200 seeds, all methods; anomalous votes at four doses x three places x 200 seeds a design.
    scope = Scope(
        ("integer-percentages", "anomalous-votes"), tuple(map(design, CLEAN_DESIGNS)), (), (), {STUFFING: (1,)}
    )
    clean, votes = plan("acceptance", scope).parts
    assert (len(clean.structures), clean.seeds, clean.methods) == (4, 200, scope.methods)
    assert len(list(clean.jobs())) == 4 * 200
    assert votes.methods == ("anomalous-votes",)
    assert len(list(votes.jobs())) == 4 * 200 * 4 * 3
    assert {j.dose for j in votes.jobs()} == {0.02, 0.05, 0.10, 0.20}


def test_a_plan_without_files_or_mechanisms_has_no_such_part() -> None:
    scope = Scope(("integer-percentages",), (TINY,), (), (), {})
    assert [p.name for p in plan("full", scope).parts] == ["clean designs"]
    assert {p.seeds for p in plan("full", scope, seeds=3).parts} == {3}
    with pytest.raises(UnknownPlan, match=r"'huge'.*small, acceptance, power, full"):
        plan("huge", scope)
    assert set(PLANS) == {"small", "acceptance", "power", "full"}


def test_names_that_are_not_known_are_refused_with_those_that_are() -> None:
    for wrong in (
        Request(designs=("flat",)),
        Request(mechanisms=("weather",)),
        Request(methods=("tea-leaves",)),
        Request(plan="huge"),
    ):
        with pytest.raises(LookupError, match="there are: "):
            planned(wrong)
    with pytest.raises(ValueError, match="nothing is left to do"):
        planned(Request(plan="acceptance", designs=()))
    with pytest.raises(FileNotFoundError, match="spain-2019apr-congress"):
        planned(Request(data=Path("nowhere")))


def test_the_command_of_the_provenance_names_no_folder_of_this_machine() -> None:
    asked = Request(
        plan="full", methods=("a", "b"), designs=(), like=("/home/me/x.csv",), data=Path("/srv"), seeds=3
    )
    assert asked.command() == (
        "tallyscope calibrate --plan full --data DATA --methods 'a,b' --designs 'none' --like x.csv --seeds 3"
    )


def test_a_draw_is_the_same_for_the_same_seed_and_clean() -> None:
    assert draw(TINY, 5).table.equals(draw(TINY, 5).table)
    assert not draw(TINY, 5).table.equals(draw(TINY, 6).table)
    assert draw(TINY, 5).table.equals(clean_election(_spec(), 5).table)


def _spec() -> CleanSpec:
    from tallyscope.simulation.designs import clean_design

    return clean_design("territories", stations=600, regions=TINY.regions)


def test_places_are_where_they_say() -> None:
    returns = draw(TINY, 1)
    apply = MECHANISMS[STUFFING].apply
    changed = {place: apply(returns, site(place, returns), 0.05, 3)[1] for place in PLACES}
    # A twentieth of the leader's votes reaches nearly every station that is in the place.
    assert changed["all"].stations.size > 560
    assert 170 <= changed["scattered"].stations.size <= 180
    named = returns.table[changed["territories"].stations].select("region", "territory").n_unique()
    assert changed["territories"].level == "territory"
    assert named == len(changed["territories"].units) == round(0.2 * returns.table["territory"].len() / 35)
    with pytest.raises(LookupError, match="scattered"):
        site("moon", returns)


def test_a_job_says_what_each_method_said_and_what_was_done() -> None:
    methods = ("integer-percentages", "anomalous-votes")
    job = Job(TINY, 7, methods, STUFFING, "all", 0.05)
    answer = run_job(job)
    clean = draw(TINY, 7)
    assert answer.key == job.key == "territories 600|600|7|ballot stuffing|all|0.05"
    assert answer.leader == clean.table["votes_cedar"].sum()
    assert answer.gained == round(0.05 * answer.leader)
    changed, _ = MECHANISMS[STUFFING].apply(clean, site("all", clean), 0.05, 7)
    for row, finding in zip(answer.rows, run(changed, methods), strict=True):
        assert (row.method, row.applicable, row.p_value) == (finding.method, finding.applicable, finding.p_value)
        assert row.at_5 == finding.cries(0.05)
        assert row.estimate == (finding.estimate.value if finding.estimate else None)
    assert Answer.from_dict(json.loads(json.dumps(answer.as_dict()))) == answer


def test_a_dose_that_the_place_has_no_room_for_is_told_and_not_counted() -> None:
    job = Job(TINY, 7, ("integer-percentages",), STUFFING, "territories", 9.0)
    answer = run_job(job)
    assert answer.rows == ()
    assert answer.impossible
    whole = Plan("p", (Part("x", (TINY,), 1, job.methods, ((STUFFING, 9.0),), ("territories",)),))
    assert study_rates(whole, [answer], Study("0", (), "", "2030-01-01", "")).rows == ()


def test_a_method_that_fails_is_told_and_the_others_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, returns: object) -> None:
        raise ZeroDivisionError("one by none")

    monkeypatch.setattr("tallyscope.forensics.method.Method.run", fail)
    (row,) = run_job(Job(TINY, 7, ("integer-percentages",))).rows
    assert row.error == "ZeroDivisionError: one by none"
    assert row.at_5 is None


def test_elections_are_drawn_like_a_real_one_and_from_its_parts(shared_data: Path) -> None:
    file = shared_data / "spain-2019apr-congress" / "mesas.csv.gz"
    like = like_file(str(file))
    assert (like.key, like.title) == (
        "like ES-CONG-2019-04",
        "clean simulated countries like Spain, Congress of Deputies, 28 April 2019",
    )
    drawn = draw(like, 1)
    assert drawn.election.id == "simulated-ES-CONG-2019-04"
    assert len(drawn) == like.stations
    whole, parts = undisputed_file(str(file))
    assert len(draw(whole, 0)) == 60090
    # 49 of the 52 provinces have 300 tables or more.
    assert (parts.level, parts.parts) == ("province", 49)
    sizes = [len(draw(parts, i)) for i in (0, 48)]
    assert min(sizes) >= 300
    assert draw(parts, 0).table["province"].n_unique() == 1
    with pytest.raises(ValueError, match="not the file"):
        draw(replace(like, sha256="0" * 64), 1)


def test_every_reference_election_can_be_drawn(shared_data: Path) -> None:
    from tallyscope.forensics.calibration.reference import reference_files, undisputed_files

    files = reference_files(shared_data)
    assert set(undisputed_files(shared_data)) <= set(files)
    structures = [like_file(f) for f in files if "russia" not in f and "turkey" not in f]
    assert [s.name for s in structures] == [
        "GE-PRES-2013",
        "GE-PARL-2016",
        "ES-CONG-2019-04",
        "AL-PARL-2017",
        "BO-PRES-2019",
    ]
    assert len(draw(structures[1], 1)) == structures[1].stations
