"""The static copy of the public site: the same files in a folder, for any web server.

The new copy is built beside the old one and comes into its place in one step: the folder is a symbolic link, which
is replaced. A reader sees one bulletin or the other, never a part of both. Files that no bulletin has changed
since the copy that stands are taken over from it (hard links), if they are still what the manifest says.

    manifest.json    the bulletin, the record and its signed checkpoint; every file with size, SHA-256, and the
                     bulletin that last changed it
"""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tallyscope.web.public.invariants import held
from tallyscope.web.public.published import Published
from tallyscope.web.public.site import content, last_changed, made_by, paths

__all__ = ["MANIFEST", "Export", "NotOurs", "publish"]

MANIFEST = "manifest.json"
#: Bytes below which compression saves nothing.
_SMALL = 1_000


class NotOurs(ValueError):
    """The folder has something in it that no export has written."""


@dataclass(frozen=True)
class Export:
    """What an export did. `written`, `kept`: files; `size`: bytes of all of them without compressed ones."""

    folder: Path
    bulletin: int
    written: int
    kept: int
    size: int


def publish(
    published: Published, folder: Path, *, compress: bool = False, progress: Callable[[int], object] = bool
) -> Export:
    """Writes the site, or what of it has changed. `compress`: also `.gz` files beside those that are worth it.

    Raises NotOurs, Inconsistent (nothing is written then), OSError (the copy that stands is untouched).
    """
    held(published)
    folder = folder.absolute()
    _may_write(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        _sweep(folder)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            done = _write(published, folder, fresh, compress, progress)
            _swap(folder, fresh)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    return done


def _write(
    published: Published, old: Path, fresh: Path, compress: bool, progress: Callable[[int], object]
) -> Export:
    made, before = made_by(), _manifest(old)
    known = before["files"] if before.get("made_by") == made else {}
    entries: dict[str, dict[str, Any]] = {}
    kept = 0
    for path in paths(published):
        target = fresh / path
        target.parent.mkdir(parents=True, exist_ok=True)
        state = _state(published, path)
        entry = known.get(path)
        if entry and entry["state"] == state and _taken_over(old / path, target, entry, compress):
            kept += 1
        else:
            entry = _written(target, content(published, path), state, compress)
        entries[path] = entry
        progress(1)
    (fresh / MANIFEST).write_text(_told(published, made, entries), encoding="utf-8")
    # mkdtemp makes a folder for its owner alone; a web server is another user.
    fresh.chmod(0o755)
    size = sum(entry["size"] for entry in entries.values())
    return Export(old, published.latest.number, len(entries) - kept, kept, size)


def _told(published: Published, made: str, entries: dict[str, dict[str, Any]]) -> str:
    """The manifest."""
    head = published.latest
    manifest = {
        "election": published.returns.election.id,
        "bulletin": head.number,
        "published_at": head.published_at.isoformat(),
        "record": {"size": head.size, "root": head.root, "checkpoint": head.checkpoint},
        "made_by": made,
        "files": entries,
    }
    return json.dumps(manifest, ensure_ascii=False, indent=0)


def _state(published: Published, path: str) -> str:
    """What a file was made from: the bulletin that last changed it, and the root of the record it had."""
    number = last_changed(published, path)
    return "" if number is None else f"{number} {published.head(number).root}"


def _written(target: Path, body: bytes, state: str, compress: bool) -> dict[str, Any]:
    target.write_bytes(body)
    if compress and len(body) > _SMALL:
        _gz(target).write_bytes(gzip.compress(body, 6, mtime=0))
    return {"sha256": sha256(body).hexdigest(), "size": len(body), "state": state}


def _taken_over(old: Path, target: Path, entry: dict[str, Any], compress: bool) -> bool:
    """Links an unchanged file into the new copy; False if it is not there any more, or not what it was."""
    try:
        body = old.read_bytes()
    except OSError:
        return False
    if len(body) != entry["size"] or sha256(body).hexdigest() != entry["sha256"]:
        return False
    if compress and len(body) > _SMALL:
        if not _gz(old).is_file():
            return False
        _link(_gz(old), _gz(target))
    _link(old, target)
    return True


def _link(old: Path, target: Path) -> None:
    try:
        target.hardlink_to(old.resolve())
    except OSError:
        # Some file systems have no hard links.
        shutil.copyfile(old, target)


def _gz(path: Path) -> Path:
    return path.with_name(path.name + ".gz")


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("files"), dict) else {}


def _may_write(folder: Path) -> None:
    if folder.is_symlink() or not folder.exists():
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise NotOurs(f"{folder} is there already and is not a site that was written here; name another folder.")


def _sweep(folder: Path) -> None:
    """Takes away what an export that was interrupted has left; never the copy that stands."""
    for left in folder.parent.glob(f".{folder.name}-*"):
        if left.is_symlink():
            left.unlink()
        elif left != folder.resolve():
            shutil.rmtree(left, ignore_errors=True)


def _swap(folder: Path, fresh: Path) -> None:
    """The link to the new copy takes the place of the old one in one step; then the old copy goes."""
    before = folder.resolve() if folder.is_symlink() else None
    if folder.is_dir() and not folder.is_symlink():
        folder.rmdir()
    link = fresh.with_name(f"{fresh.name}.link")
    link.symlink_to(fresh.name, target_is_directory=True)
    os.replace(link, folder)
    if before is not None and before.parent == folder.parent and before != fresh:
        shutil.rmtree(before, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One export at a time into a folder; another one waits."""
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
