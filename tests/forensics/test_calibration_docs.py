"""docs/calibration.md and the pictures beside it are of the packaged rates."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tallyscope.forensics.calibration.rates import Rate, Rates, packaged

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    spec = spec_from_file_location("power_tables", DOCS / "power" / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_of_the_page_are_those_of_the_packaged_rates(tables: ModuleType) -> None:
    page = (DOCS / "calibration.md").read_text(encoding="utf-8")
    assert tables.in_step(page, packaged()) == page, "run `python docs/power/tables.py`"


def test_every_mechanism_that_was_measured_has_its_picture_in_the_page() -> None:
    page = (DOCS / "calibration.md").read_text(encoding="utf-8")
    measured = {row[2] for row in packaged().rows if row[2]}
    drawn = {p.stem for p in (DOCS / "power").glob("*.svg")}
    assert {m.replace(" ", "-") for m in measured} == drawn, "run `python docs/power/draw.py`"
    assert all(f"](power/{name}.svg)" in page for name in drawn)


def test_a_dose_is_seen_where_every_larger_one_is(tables: ModuleType) -> None:
    def rate(dose: float, at_5: int, place: str = "all") -> Rate:
        return Rate("m", "territories", "ballot stuffing", place, dose, dose, 20, 20, 20, at_5, 0, 0, None)

    # 16 of 20 is four in five; what a smaller dose shows does not count once a larger one was missed.
    assert tables._seen([rate(0.01, 20), rate(0.05, 15), rate(0.1, 16), rate(0.2, 20)], "votes") == "10 %"
    assert tables._seen([rate(0.1, 20), rate(0.05, 20, "territories")], "votes") == "5 %"
    assert tables._seen([rate(2.0, 19)], "points") == "2 points"
    assert tables._seen([rate(0.1, 20), rate(0.2, 3)], "votes") == "–"
    assert tables._seen([], "votes") == ""


def test_tables_can_be_made_of_nothing(tables: ModuleType) -> None:
    assert "### False alarms" in tables.text(Rates((), {}, ()))
