"""Bringing one file over http(s): streamed to disk, limited in size, checked, tried again where that can help.

Nothing here resumes: a file is whole and verified, or it is not there.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

__all__ = ["DEFAULT", "ChecksumError", "FetchError", "Patience", "Progress", "download", "read_page", "shown"]

#: Called with the bytes received so far and the bytes there are in all.
Progress = Callable[[int, int], None]

Answer = TypeVar("Answer")

BLOCK = 1 << 18
#: Where a second try can help: the server is busy or broken, not the request wrong.
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})


class FetchError(Exception):
    """A file could not be fetched; the message says what, where and what to do."""


class ChecksumError(FetchError):
    """What came is not what the catalogue describes."""


class _TransientError(FetchError):
    """Worth another try."""


@dataclass(frozen=True)
class Patience:
    """How long to wait: `timeout` seconds for an answer, `attempts` in all, `pause` seconds doubling between them.

    `certificates`: a file of certificate authorities to trust instead of the system's.
    """

    timeout: float = 30.0
    attempts: int = 3
    pause: float = 0.5
    certificates: str | None = None


DEFAULT = Patience()


def download(
    url: str, to: Path, *, size: int, sha256: str, patience: Patience = DEFAULT, progress: Progress | None = None
) -> None:
    """Writes the file at `url` to `to`, which has `size` bytes and this SHA-256.

    Raises FetchError, or ChecksumError with both checksums; `to` may then be half-written: it is the caller's
    temporary file.
    """

    def attempt() -> None:
        with _opened(url, patience) as response:
            digest = _copy(response, to, size, progress)
        if digest != sha256:
            raise ChecksumError(
                f"{shown(url)} is not the file the catalogue describes: its SHA-256 is {digest}, expected {sha256}"
            )

    _tried(attempt, patience)


def read_page(url: str, accept: str, limit: int, patience: Patience = DEFAULT) -> tuple[str, str, str]:
    """A small page: its text, its media type, and its address after redirects. Raises FetchError."""

    def attempt() -> tuple[str, str, str]:
        with _opened(url, patience, accept) as response:
            body = response.read(limit + 1)
            if len(body) > limit:
                raise FetchError(f"{shown(url)}: the page is longer than {limit:,} bytes")
            return body.decode("utf-8", "replace"), response.headers.get_content_type(), response.geturl()

    return _tried(attempt, patience)


def shown(url: str) -> str:
    """The address without user name and password, for messages."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _tried(attempt: Callable[[], Answer], patience: Patience) -> Answer:
    for number in range(1, patience.attempts):
        try:
            return attempt()
        except _TransientError:
            time.sleep(patience.pause * 2 ** (number - 1))
    return attempt()


def _copy(response: Any, to: Path, size: int, progress: Progress | None) -> str:
    digest = hashlib.sha256()
    received = 0
    with to.open("wb") as out:
        while block := response.read(BLOCK):
            received += len(block)
            if received > size:
                raise ChecksumError(
                    f"{shown(response.geturl())} is longer than the {size:,} bytes the catalogue gives it"
                )
            digest.update(block)
            out.write(block)
            if progress:
                progress(received, size)
    if received < size:
        raise _TransientError(f"{shown(response.geturl())} ended after {received:,} of {size:,} bytes")
    return digest.hexdigest()


@contextmanager
def _opened(url: str, patience: Patience, accept: str = "*/*") -> Iterator[Any]:
    request = _request(url, accept)
    try:
        with _opener(patience).open(request, timeout=patience.timeout) as response:
            yield response
    except urllib.error.HTTPError as error:
        message = f"{shown(url)}: the server answers {error.code} {error.reason}"
        raise (_TransientError if error.code in TRANSIENT else FetchError)(message) from None
    except (urllib.error.URLError, http.client.HTTPException, ssl.SSLError, TimeoutError, ConnectionError) as error:
        raise _unreachable(url, getattr(error, "reason", error)) from None


def _request(url: str, accept: str) -> urllib.request.Request:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise FetchError(f"{shown(url)}: only http and https addresses are fetched")
    request = urllib.request.Request(shown(url), headers={"User-Agent": "tallyscope", "Accept": accept})
    if parts.username:
        # Unredirected: a password is for the host it was given for.
        words = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        basic = base64.b64encode(words.encode()).decode("ascii")
        request.add_unredirected_header("Authorization", f"Basic {basic}")
    return request


def _opener(patience: Patience) -> urllib.request.OpenerDirector:
    context = ssl.create_default_context(cafile=patience.certificates)
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))


def _unreachable(url: str, reason: Any) -> FetchError:
    host = urllib.parse.urlsplit(url).hostname
    if isinstance(reason, ssl.SSLCertVerificationError):
        return FetchError(
            f"{shown(url)}: the certificate of {host} is not trusted here ({reason.verify_message}); "
            "behind a proxy that signs anew, name its authority in SSL_CERT_FILE"
        )
    why = str(reason) or type(reason).__name__
    return _TransientError(
        f"{shown(url)}: {host} does not answer ({why}). Without a network, bring the file from elsewhere "
        "and give it with --from"
    )
