"""The output folder of a study: one line of JSON an answer, added as soon as the job is done.

A crash loses at most the jobs that were running. A line that was cut off is left out, and its job runs again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from tallyscope.forensics.calibration.job import Answer

__all__ = ["NAME", "Store", "answers_in"]

#: The file of answers within the output folder.
NAME = "answers.jsonl"


def answers_in(folder: Path) -> Iterator[tuple[str, Answer]]:
    """(code, answer) of every whole line, in the order in which they were written; nothing if there is no file."""
    path = folder / NAME
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if not line.endswith("\n"):
                return
            given = json.loads(line)
            yield given.pop("code"), Answer.from_dict(given)


class Store:
    """Adds answers to a folder; a context manager. `code`: the digest of the code that answers (`code_digest`)."""

    def __init__(self, folder: Path, code: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / NAME
        self._code = code
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        _cut_torn_line(self._path)
        self._file = self._path.open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, answer: Answer) -> None:
        """Writes one answer through to the disk."""
        if self._file is None:
            raise ValueError("the store is not open")
        line = json.dumps({"code": self._code, **answer.as_dict()}, ensure_ascii=False, allow_nan=False)
        self._file.write(line + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _cut_torn_line(path: Path) -> None:
    """Takes off what follows the last line feed: what a crash left of a line."""
    if not path.is_file():
        return
    with path.open("rb+") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)
