"""Finding a wheel on the package index that pip is set up for: PEP 691 (JSON), or PEP 503 (HTML) where that is all.

pip itself is not needed: it is only asked for its configuration, where it is installed.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from tallyscope.returns.datasets.catalogue import Wheel
from tallyscope.returns.datasets.transport import DEFAULT, ChecksumError, FetchError, Patience, read_page, shown

__all__ = ["PipSettings", "pip_settings", "settings_from", "wheel_url"]

DEFAULT_INDEX = "https://pypi.org/simple"
JSON_TYPE = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{JSON_TYPE}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
#: No project's page is near this; it keeps a wrong address from filling the memory.
PAGE_LIMIT = 20_000_000


@dataclass(frozen=True)
class PipSettings:
    """What pip is set up for: its indexes in order, and the file of certificate authorities it trusts."""

    indexes: tuple[str, ...] = (DEFAULT_INDEX,)
    certificates: str | None = None


def pip_settings() -> PipSettings:
    """pip's configuration files and environment (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_CERT) on this machine."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        listing = ""  # no pip here: the environment alone
    return settings_from(listing, os.environ)


def settings_from(listing: str, environment: Mapping[str, str]) -> PipSettings:
    """Settings out of what `pip config list` prints, overridden by the environment as in pip itself."""
    keys = dict(line.partition("=")[::2] for line in listing.splitlines())
    found = {}
    for name in ("index-url", "extra-index-url", "cert"):
        words = [_literal(keys[key]) for key in (f"download.{name}", f"global.{name}") if key in keys]
        words.insert(0, environment.get(f"PIP_{name.upper().replace('-', '_')}", ""))
        found[name] = next((w for w in words if w), "")
    indexes = (found["index-url"] or DEFAULT_INDEX, *found["extra-index-url"].split())
    # Indexes that are folders of this machine are pip's own business.
    usable = tuple(dict.fromkeys(i for i in indexes if i.startswith(("http://", "https://"))))
    return PipSettings(usable or (DEFAULT_INDEX,), found["cert"] or None)


def _literal(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (ValueError, SyntaxError):
        return value


def wheel_url(wheel: Wheel, sha256: str, indexes: Iterable[str], patience: Patience = DEFAULT) -> str:
    """Where the wheel is, on the first index that has it.

    Raises FetchError with what each index said, ChecksumError where an index announces another SHA-256.
    """
    complaints = []
    for index in indexes:
        page = f"{index.rstrip('/')}/{wheel.project}/"
        try:
            files = _links(*read_page(page, ACCEPT, PAGE_LIMIT, patience))
        except FetchError as error:
            complaints.append(str(error))
            continue
        if wheel.filename not in files:
            complaints.append(f"{shown(page)} does not have {wheel.filename}")
            continue
        url, announced = files[wheel.filename]
        if announced and announced != sha256:
            raise ChecksumError(
                f"{shown(page)} announces {wheel.filename} with the SHA-256 {announced}, expected {sha256}"
            )
        return _with_credentials(url, page)
    raise FetchError("; ".join(complaints))


def _links(text: str, media_type: str, base: str) -> dict[str, tuple[str, str]]:
    """File name -> (absolute address, SHA-256 or empty)."""
    if media_type == JSON_TYPE:
        try:
            entries = [
                (f["filename"], f["url"], f.get("hashes", {}).get("sha256", "")) for f in json.loads(text)["files"]
            ]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise FetchError(f"{shown(base)} is not a page of a package index (PEP 691)") from None
        return {name: (urllib.parse.urljoin(base, url), digest) for name, url, digest in entries}
    parser = _Anchors()
    parser.feed(text)
    found = {}
    for href in parser.hrefs:
        url, fragment = urllib.parse.urldefrag(urllib.parse.urljoin(base, href))
        name = urllib.parse.unquote(urllib.parse.urlsplit(url).path.rpartition("/")[2])
        found[name] = (url, fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else "")
    return found


class _Anchors(HTMLParser):
    """The targets of all links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hrefs += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _with_credentials(url: str, page: str) -> str:
    """The file's address with the index's user name and password, where both are on one host."""
    file, index = urllib.parse.urlsplit(url), urllib.parse.urlsplit(page)
    if "@" in index.netloc and (file.scheme, file.netloc) == (index.scheme, index.netloc.rpartition("@")[2]):
        return urllib.parse.urlunsplit(file._replace(netloc=index.netloc))
    return url
