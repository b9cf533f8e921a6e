"""A version of a protocol: what one source said, once, about one polling station. Versions are only added."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import rfc8785

__all__ = ["GAPS", "LARGEST", "SOURCES", "STAGES", "Gap", "Source", "Stage", "Version"]

#: Who says it: the signed protocol, an observer's certified copy, a photo of it, the scanner's own record.
Source = Literal["official", "observer", "photo", "scanner"]
SOURCES: tuple[Source, ...] = ("official", "observer", "photo", "scanner")
#: The law's stages. "annulled": a decision annuls the station's result; it is shown and excluded from every sum.
Stage = Literal["first", "repeat", "repeat-count", "annulled"]
STAGES: tuple[Stage, ...] = ("first", "repeat", "repeat-count", "annulled")
#: Why a figure of the form is not there. A line that the form does not have is in neither mapping.
Gap = Literal["missing", "illegible"]
GAPS: tuple[Gap, ...] = ("missing", "illegible")
#: The largest whole number that canonical JSON writes exactly: its numbers are IEEE 754's.
LARGEST = 2**53 - 1
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True)
class Version:
    """One accepted version; everything but `number` is under the hash of its leaf.

    `station`: the key, names of the levels and the station joined by " / ", unique in the election. `figures`: role
    (`registered` ...) or `votes_<choice id>` -> count; `gaps`: the other lines of the form -> why there is none.
    """

    station: str
    form: str
    source: Source
    stage: Stage
    figures: Mapping[str, int]
    entered_by: str
    accepted_at: datetime
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    #: Who accepted it: the second clerk, the coordinator, or the machine that imported it.
    accepted_by: str = ""
    reason: str = ""
    #: SHA-256 of the file that shows it (a photo, a scan), hex.
    evidence: str | None = None
    #: Number of the version that stood before for this station and source.
    supersedes: int | None = None
    #: Place in the record: 0, 1, 2 ... without holes; None until it is accepted.
    number: int | None = None

    def content(self) -> dict[str, Any]:
        """What is hashed: every field but the number, times as UTC with microseconds, names sorted by RFC 8785."""
        at = self.accepted_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {
            "station": self.station,
            "form": self.form,
            "source": self.source,
            "stage": self.stage,
            "figures": dict(self.figures),
            "gaps": dict(self.gaps),
            "entered_by": self.entered_by,
            "accepted_by": self.accepted_by,
            "accepted_at": at,
            "reason": self.reason,
            "evidence": self.evidence,
            "supersedes": self.supersedes,
        }

    def leaf(self) -> bytes:
        """The canonical JSON (RFC 8785) of `content`: the leaf of the Merkle tree, byte for byte."""
        content = self.content()
        return _ENCODE(content).encode() if self._plain() else rfc8785.dumps(content)

    def _plain(self) -> bool:
        """True if Python's own encoder, ten times faster, writes what RFC 8785 asks for.

        The two differ in floats, in whole numbers beyond 2^53, and in how names beyond the first plane are sorted.
        """
        values = self.figures.values()
        exact = not values or (
            set(map(type, values)) == {int} and -LARGEST <= min(values) <= max(values) <= LARGEST
        )
        return exact and all(map(str.isascii, (*self.figures, *self.gaps)))

    def leaf_hash(self) -> bytes:
        """RFC 6962: SHA-256 of a zero byte and the leaf, 32 bytes."""
        return hashlib.sha256(b"\x00" + self.leaf()).digest()
