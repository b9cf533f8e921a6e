"""Passwords: Argon2id with the parameters of RFC 9106, hashed anew when these change; never kept, never logged."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

__all__ = ["LONGEST", "SHORTEST", "Passwords", "weakness"]

#: NIST SP 800-63B: length is what counts; 15 where a password is all there is.
SHORTEST = 15
#: Beyond this a password is an attack on the processor.
LONGEST = 256


def weakness(password: str, *, login: str) -> str | None:
    """The key in FAULTS of why a password cannot be taken; None if it can."""
    if len(password) < SHORTEST:
        return "short password"
    if len(password) > LONGEST:
        return "long password"
    if len(set(password)) < 5 or login.casefold() in password.casefold():
        return "weak password"
    return None


@dataclass(frozen=True)
class Passwords:
    """Hashes and checks passwords. At most `at_once` at the same time: each takes 64 MiB."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    at_once: int = 4

    @cached_property
    def _turn(self) -> threading.BoundedSemaphore:
        return threading.BoundedSemaphore(self.at_once)

    @cached_property
    def _nobodys(self) -> str:
        """A hash of nothing anybody knows: what an unknown login is checked against, so that it takes as long."""
        import secrets

        return self.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """The hash in Argon2's own notation, with its salt and parameters."""
        with self._turn:
            return self.hasher.hash(password)

    def fits(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one; without one stored the same work is done and the answer is no."""
        against, known = (stored, True) if stored else (self._nobodys, False)
        with self._turn:
            try:
                return self.hasher.verify(against, password[: LONGEST + 1]) and known
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than are used now."""
        return self.hasher.check_needs_rehash(stored)
