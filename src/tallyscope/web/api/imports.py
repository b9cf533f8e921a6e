"""A file of protocols: read, compared with what stands, accepted as a whole or refused with every problem."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, HTTPException, UploadFile
from pydantic import BaseModel

from tallyscope.ledger.accounts.tokens import Token
from tallyscope.ledger.errors import Refused
from tallyscope.ledger.importing import Import, prepare, standing_numbers
from tallyscope.ledger.version import Source
from tallyscope.returns.problems import capped
from tallyscope.web.api.idempotency import Key, digest_of, once
from tallyscope.web.api.machines import Machine
from tallyscope.web.api.readings import SCOPE, outside
from tallyscope.web.serving import Serving, ServingNow

__all__ = ["router"]

router = APIRouter(tags=["what comes in"])
Correcting = Literal["repeat", "repeat-count"]
_ODD = re.compile(r"[^\w.-]+")


class Imported(BaseModel):
    """What a file added. `unchanged`: protocols that stood; `warnings`: relations broken that block nothing."""

    new: int
    corrections: int
    unchanged: int
    empty: int
    warnings: int
    incomplete: int
    #: Number of versions in the record after it.
    versions: int


@router.post("/imports")
def post_import(
    serving: ServingNow,
    token: Machine,
    file: Annotated[UploadFile, File(description="CSV, XLSX or Parquet; gz and zip too.")],
    source: Annotated[Source, Form()] = "official",
    stage: Annotated[Correcting, Form(description="Of corrections.")] = "repeat",
    reason: Annotated[str, Form(max_length=1_000, description="Why protocols that stand are corrected.")] = "",
    key: Key = None,
) -> Imported:
    """Accepts the protocols of a file: all of them or none. Those that stand with the same figures add nothing."""
    action = SCOPE[source]
    if action not in token.scopes:
        raise HTTPException(403, f"This token is not for {action!r}.")
    with tempfile.TemporaryDirectory(prefix="tallyscope-import-") as folder:
        path = Path(folder) / _name(file.filename)
        with path.open("wb") as out:
            shutil.copyfileobj(file.file, out)
        with path.open("rb") as content:
            hash = hashlib.file_digest(content, "sha256").digest()
        request = digest_of("import", hash, source, stage, reason)

        def do() -> dict[str, Any]:
            return _import(serving, token, path, source, stage, reason, hash.hex())

        return Imported.model_validate(once(serving, token.id, key, request, do))


def _name(given: str | None) -> str:
    """The last part of a file's name, of plain letters: problems name the file, and its ending says what it is."""
    last = re.split(r"[/\\]", given or "")[-1]
    return _ODD.sub("_", last).lstrip(".")[-100:] or "upload.csv"


def _import(
    serving: Serving, token: Token, path: Path, source: Source, stage: Correcting, reason: str, hash: str
) -> dict[str, Any]:
    found = _prepared(serving, token, path, source, stage, reason)
    strangers = outside(serving, token, SCOPE[source], [version.station for version in found.versions])
    if strangers:
        raise Refused(capped(strangers, len(strangers), "stations like this"))
    serving.ledger.accept(found.versions)
    told = {"new": found.new, "corrections": found.corrections, "unchanged": found.unchanged}
    with serving.office.writing() as connection:
        serving.office.trail.record(
            connection,
            token.signature,
            "import",
            commission=token.place[-1],
            subject=source,
            details={**told, "file": path.name, "sha256": hash, "reason": reason},
        )
    told |= {"empty": found.empty, "warnings": found.warnings, "incomplete": found.incomplete}
    return told | {"versions": serving.ledger.size}


def _prepared(serving: Serving, token: Token, path: Path, source: Source, stage: Correcting, reason: str) -> Import:
    from tallyscope.returns.reading.read import read

    ledger = serving.ledger
    return prepare(
        read(path),
        ledger.returns(source=source),
        standing_numbers(ledger.engine, source),
        source=source,
        stage=stage,
        entered_by=token.signature,
        reason=reason.strip(),
    )
