"""Writes the files of a report: all of them into a folder of their own first, and only then where they belong."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["save_whole"]


def save_whole(out: Path | str, write: Callable[[Path], None]) -> Path:
    """Calls `write` with a fresh folder beside `out`, and moves what it wrote to `out`. Returns `out`.

    If `write` fails, `out` is as it was. A folder that is there keeps its other files; files of the same name are
    replaced, each in one step; charts that `write` did not draw this time go. Raises OSError.
    """
    out = Path(out)
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(20, "there is a file of that name, not a folder", str(out))
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name or 'report'}-", suffix=".partial", dir=out.resolve().parent))
    try:
        write(fresh)
        # mkdtemp makes a folder for its owner alone; a report is for others too.
        fresh.chmod(0o777 & ~_umask())
        _move(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return out


def _move(fresh: Path, out: Path) -> None:
    if not out.exists():
        fresh.replace(out)
        return
    for source in sorted(fresh.rglob("*")):
        target = out / source.relative_to(fresh)
        if source.is_dir():
            target.mkdir(exist_ok=True)
            _drop_leftovers(source, target)
        else:
            source.replace(target)


def _drop_leftovers(source: Path, target: Path) -> None:
    """A chart of the last report that this one does not draw must not stay beside it."""
    for old in target.iterdir():
        if old.suffix == ".svg" and not (source / old.name).exists():
            old.unlink()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
