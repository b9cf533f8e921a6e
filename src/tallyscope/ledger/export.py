"""The history in files that anyone can check with a few lines: leaves, and the bulletins with their checkpoints.

    leaves.jsonl                 every version, canonical JSON, a line each, in the order of the record
    bulletins/0001.json          the body of a bulletin, as it was hashed
    bulletins/0001.checkpoint    its signed checkpoint
    README.txt                   how to check them

The public pages carry the same as `record/`: there the leaves are in files of 256, `0.jsonl`, `1.jsonl` and so on.

The root of a checkpoint is RFC 6962's over the first `size` lines of leaves.jsonl, without their line feeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from tallyscope.ledger import schema
from tallyscope.ledger.checkpoint import open_checkpoint
from tallyscope.ledger.core.merkle import leaf_hash
from tallyscope.ledger.database import reading
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.note import NoteError, Verifier
from tallyscope.ledger.verifying.fault import Fault
from tallyscope.ledger.verifying.nodes import Tree
from tallyscope.ledger.words import sha256

if TYPE_CHECKING:
    from tallyscope.ledger.store import Ledger

__all__ = ["export_history", "verify_export"]

_README = """The history of a count, to be checked without the program that wrote it.

leaves.jsonl has every accepted version of every protocol, a line each, in the order in which they were accepted.
bulletins/NNNN.json is the body of a bulletin, bulletins/NNNN.checkpoint its signed checkpoint, as
c2sp.org/tlog-checkpoint describes it.

In Python, for each checkpoint (its second line is the size, its third the root, its fourth the hash of the body):

    import base64, hashlib
    H = lambda b: hashlib.sha256(b).digest()
    def root(d):                                   # RFC 6962, section 2.1
        if len(d) < 2: return H(b"\\0" + d[0]) if d else H(b"")
        k = 1 << (len(d) - 1).bit_length() - 1
        return H(b"\\1" + root(d[:k]) + root(d[k:]))
    lines = open("leaves.jsonl", "rb").read().splitlines()
    origin, size, want, bulletin = open("bulletins/0001.checkpoint", encoding="utf-8").read().split("\\n")[:4]
    assert base64.b64encode(root(lines[:int(size)])).decode() == want
    assert base64.b64encode(H(open("bulletins/0001.json", "rb").read())).decode() == bulletin.split()[2]

The signatures, too: tallyscope count verify --export . --verifier KEY, or any tool for c2sp.org/signed-note.
"""


def export_history(ledger: Ledger, folder: Path) -> tuple[int, int]:
    """Writes the files into a folder that is new or empty; returns how many versions and bulletins.

    Raises Refused for a folder with something in it.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused([f"{folder}: there is something in it already; name a new folder."])
    (folder / "bulletins").mkdir(parents=True)
    v, b = schema.versions.c, schema.bulletins.c
    versions = bulletins = 0
    with reading(ledger.engine) as connection, (folder / "leaves.jsonl").open("wb") as leaves:
        rows = connection.execution_options(stream_results=True).execute(select(v.leaf).order_by(v.number))
        for (leaf,) in rows:
            leaves.write(leaf + b"\n")
            versions += 1
        for number, body, note in connection.execute(select(b.number, b.body, b.checkpoint).order_by(b.number)):
            name = f"{number:04d}"
            (folder / "bulletins" / f"{name}.json").write_bytes(body.encode())
            (folder / "bulletins" / f"{name}.checkpoint").write_bytes(note.encode())
            bulletins += 1
    (folder / "README.txt").write_text(_README, encoding="utf-8")
    return versions, bulletins


def verify_export(folder: Path, verifiers: Sequence[Verifier]) -> tuple[int, int, list[Fault]]:
    """How many versions and bulletins, and what is wrong: signatures, roots, bodies.

    Raises Refused for a folder that is no export.
    """
    files = _leaf_files(folder)
    if not files:
        raise Refused([f"{folder}: there is no leaves.jsonl in it; `tallyscope count export` writes one."])
    tree = Tree([leaf_hash(line.rstrip(b"\n")) for file in files for line in file.open("rb")])
    faults, notes = [], sorted((folder / "bulletins").glob("*.checkpoint"))
    for number, note in enumerate(notes, 1):
        where = f"bulletins/{note.name}"
        try:
            signed = open_checkpoint(note.read_text(encoding="utf-8"), verifiers)
        except (NoteError, UnicodeDecodeError) as error:
            faults.append(Fault(where, "signature", f"{error}."))
            continue
        if signed.bulletin != number:
            faults.append(Fault(where, "number", f"bulletin {signed.bulletin} was signed; one is missing."))
        if signed.size > len(tree.hashes):
            text = f"{signed.size:,} versions were signed, and there are {len(tree.hashes):,} leaves."
            faults.append(Fault(where, "size", text))
        elif tree.root(signed.size) != signed.root:
            faults.append(Fault(where, "root", f"the first {signed.size:,} leaves do not give the root."))
        body = note.with_suffix(".json")
        if not body.is_file() or sha256(body.read_bytes().decode(errors="replace")) != signed.body:
            faults.append(Fault(f"bulletins/{body.name}", "body", "it is not what was signed."))
    return len(tree.hashes), len(notes), faults


def _leaf_files(folder: Path) -> list[Path]:
    """The files of leaves in the order of the record: one of an export, or those of the public pages."""
    whole = folder / "leaves.jsonl"
    if whole.is_file():
        return [whole]
    tiles = [file for file in folder.glob("*.jsonl") if file.stem.isdecimal()]
    return sorted(tiles, key=lambda file: int(file.stem))
