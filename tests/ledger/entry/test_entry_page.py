"""docs/entry.md says what the machine does."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from tallyscope.ledger.entry.sheet import PHASES

DOCS = Path(__file__).parents[3] / "docs"


def test_the_tables_of_the_page_are_those_of_the_machine() -> None:
    spec = spec_from_file_location("entry_tables", DOCS / "entry" / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (DOCS / "entry.md").read_text(encoding="utf-8")
    assert module.in_step(page) == page, "run `python docs/entry/tables.py`"


def test_the_picture_has_every_phase() -> None:
    picture = (DOCS / "entry" / "machine.svg").read_text(encoding="utf-8")
    assert all(f">{phase}</text>" in picture for phase in PHASES)
