"""How a service is set up: one frozen value, made once by whoever starts it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallyscope.ledger.note import Signer

__all__ = ["LOCAL", "SHORTEST_SECRET", "BadSettings", "Settings"]

#: Bytes of a secret; `openssl rand -hex 32` makes 64 of them.
SHORTEST_SECRET = 32
#: Names of this machine itself.
LOCAL = ("localhost", "127.0.0.1", "[::1]")


class BadSettings(ValueError):
    """The service cannot be started like this."""


@dataclass(frozen=True)
class Settings:
    """Settings of a service. No secret has a default. Raises BadSettings for a secret that is too short."""

    #: What the audit trail is sealed with and forms before login are bound by; never in the database.
    secret: bytes = field(repr=False)
    #: Names under which the service is asked for; other Host headers are refused.
    hosts: tuple[str, ...] = LOCAL
    #: What bulletins are signed with; without it none is published from here.
    signer: Signer | None = field(default=None, repr=False)
    #: Bytes of a form, and of a file for import.
    largest_form: int = 1 << 20
    largest_upload: int = 64 << 20

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_SECRET or len(set(self.secret)) < 8:
            raise BadSettings(f"the secret must be at least {SHORTEST_SECRET} random bytes")
