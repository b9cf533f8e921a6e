"""The public site in memory: the pages of the latest bulletin, made when first asked for, kept while they stand.

A request never asks the database for anything but the number of the newest bulletin, and that every few seconds
for all readers together. A newer bulletin is loaded beside the one that is shown, held against the invariants, its
first pages made, and then takes its place; a bulletin that may not be shown leaves the one before it in place.
"""

from __future__ import annotations

import gzip
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from tallyscope.web.language import LANGUAGES
from tallyscope.web.public.invariants import held
from tallyscope.web.public.pages import NoPage
from tallyscope.web.public.published import Published
from tallyscope.web.public.site import content, last_changed, media_type

__all__ = ["Answer", "Bulletins", "LiveSite"]

_log = logging.getLogger(__name__)
#: Pages that everybody asks for are made before a bulletin is shown.
_FIRST = ("index.html", "screen.html", "missing.html", "bulletins.html")


class Bulletins(Protocol):
    """Where bulletins come from."""

    def newest(self) -> int | None:
        """The number of the newest bulletin, None if there is none; cheap."""

    def load(self, number: int) -> Published:
        """That bulletin with everything its pages show; takes seconds for a large election."""


@dataclass(frozen=True)
class Answer:
    """A file as it is sent. `etag`: of its plain body; `zipped` is empty where that saves nothing."""

    body: bytes
    zipped: bytes
    etag: str
    media_type: str
    state: str

    @property
    def weight(self) -> int:
        """Bytes held."""
        return len(self.body) + len(self.zipped)


class LiveSite:
    """The site of a running count. `every`: seconds between looks for a newer bulletin; `memory`: bytes kept."""

    def __init__(
        self,
        bulletins: Bulletins,
        *,
        every: float = 2.0,
        memory: int = 256 << 20,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bulletins, self._every, self._memory, self._clock = bulletins, every, memory, clock
        self._shown: Published | None = None
        self._looked = float("-inf")
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._weight = 0
        self._loading, self._keeping = threading.Lock(), threading.Lock()
        self._making: dict[str, threading.Lock] = {}

    @property
    def shown(self) -> Published | None:
        """The bulletin that is shown; None before the first."""
        return self._shown

    def due(self) -> bool:
        """True if it is time to look for a newer bulletin."""
        return self._clock() - self._looked >= self._every

    def look(self) -> None:
        """Looks for a newer bulletin and shows it; does nothing while another thread does. Logs what fails."""
        if not self._loading.acquire(blocking=self._shown is None):
            return
        try:
            if self.due():
                self._looked = self._clock()
                self._show(self._bulletins.newest())
        except Exception:  # noqa: BLE001 - whatever is wrong with a bulletin, the one before it stays
            _log.exception("The newest bulletin cannot be shown; the one before it stays.")
        finally:
            self._loading.release()

    def _show(self, number: int | None) -> None:
        before = self._shown
        if number is None or (before is not None and before.latest.number == number):
            return
        published = held(self._bulletins.load(number))
        first = {f"{code}/{name}": None for code in LANGUAGES for name in _FIRST}
        made = {path: self._made(published, path) for path in first}
        self._shown = published
        for path, answer in made.items():
            self._keep(path, answer)

    def kept(self, path: str) -> Answer | None:
        """The file, if it is in memory and no bulletin has changed it since: never slow."""
        shown, answer = self._shown, self._kept.get(path)
        if shown is None or answer is None or answer.state != _state(shown, path):
            return None
        return answer

    def answer(self, path: str) -> Answer:
        """The file, made if need be. Raises NoPage, before the first bulletin for every path."""
        shown = self._shown
        if shown is None:
            raise NoPage(path)
        state = _state(shown, path)
        # A file is made once, however many ask for it; a large one keeps nobody waiting for another.
        with self._making.setdefault(path, threading.Lock()):
            found = self._kept.get(path)
            if found is None or found.state != state:
                found = self._made(shown, path)
                self._keep(path, found)
            return found

    def _made(self, published: Published, path: str) -> Answer:
        body = content(published, path)
        zipped = gzip.compress(body, 5, mtime=0)
        worth = zipped if len(zipped) < 0.9 * len(body) else b""
        return Answer(body, worth, sha256(body).hexdigest()[:24], media_type(path), _state(published, path))

    def _keep(self, path: str, answer: Answer) -> None:
        """Keeps a file as the latest made; the ones made longest ago go when there is no room."""
        with self._keeping:
            old = self._kept.pop(path, None)
            self._weight += answer.weight - (old.weight if old else 0)
            self._kept[path] = answer
            while self._weight > self._memory and len(self._kept) > 1:
                _path, dropped = self._kept.popitem(last=False)
                self._weight -= dropped.weight


def _state(published: Published, path: str) -> str:
    number = last_changed(published, path)
    return "" if number is None else f"{number} {published.head(number).root}"
