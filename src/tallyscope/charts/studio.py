"""Draws the figures of a report in a process of its own, while this one goes on computing.

To load the drawing library and to start its JavaScript engine takes longer than any of the methods. A command that
starts cold therefore opens a studio before it reads its files:

    with Studio() as studio:
        returns = read(...)
        studio.show(returns)              # what needs no finding is drawn at once
        examination = examine(returns)
        examination.save(out, studio=studio)

If there is no second process to be had, the figures are drawn here.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from queue import SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from tallyscope.charts.picture import Picture
    from tallyscope.forensics.finding import Finding
    from tallyscope.returns.table import Returns

__all__ = ["Studio"]

_LENGTH = 8
_FIGURES = ("registered", "issued", "cast", "valid", "voted")


class Studio:
    """Draws the figures of one election; use it in a `with` block, which ends the process."""

    def __init__(self) -> None:
        self._returns: Returns | None = None
        self._findings: tuple[Finding, ...] = ()
        self._process = _opened()
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        if self._process is not None and self._process.stdin is not None:
            # The other process holds still while its engine starts: nobody here is to wait for that.
            Thread(target=_post, args=(self._outbox, self._process.stdin), daemon=True).start()

    def __enter__(self) -> Studio:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def show(self, returns: Returns) -> None:
        """Hands in the returns, without waiting for anything; once is enough."""
        if self._returns is not returns:
            self._returns = returns
            self._tell(_essence(returns))

    def ask(self, findings: Sequence[Finding]) -> None:
        """Hands in the findings, without waiting for the figures."""
        from tallyscope.forensics.finding import Finding

        self._findings = tuple(findings)
        self._tell(
            [
                # What figures draw of a finding, and no more: what is sent has to fit through a pipe.
                Finding(f.method, (), "", f.applicable, (), "", f.estimate, details=dict(f.details))
                for f in findings
            ]
        )

    def pictures(self) -> tuple[Picture, ...]:
        """Waits for the figures. Call `show` and `ask` first."""
        drawn = self._answer()
        if drawn is not None:
            return drawn
        from tallyscope.charts.gallery import draw_all

        return () if self._returns is None else draw_all(self._returns, self._findings)

    def _tell(self, message: Any) -> None:
        try:
            self._outbox.put(pickle.dumps(message, protocol=5))
        except (pickle.PickleError, TypeError, AttributeError):
            self._close()

    def _answer(self) -> tuple[Picture, ...] | None:
        if self._process is None or self._process.stdout is None:
            return None
        try:
            pictures: tuple[Picture, ...] = pickle.loads(_receive(self._process.stdout))
        except (OSError, EOFError, pickle.PickleError):
            return None
        finally:
            self._close()
        return pictures

    def _close(self) -> None:
        process, self._process = self._process, None
        self._outbox.put(None)
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()


def _opened() -> subprocess.Popen[bytes] | None:
    # -P: a folder that happens to be called tallyscope, where the user stands, is not to be run.
    command = [sys.executable, "-P", "-m", "tallyscope.charts.studio"]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    try:
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere) if sys.executable else None
    except OSError:
        return None


def _essence(returns: Returns) -> Returns:
    """The returns with the columns alone that figures draw: levels, figures, the leader's votes."""
    import polars as pl

    from tallyscope.returns.grouping import path_to, upper_level

    level = upper_level(returns)
    leader = returns.leader
    votes = [] if leader is None else [f"votes_{leader.id}"]
    figures = [c for c in _FIGURES if c in returns.table.columns]
    columns = [
        *(path_to(returns, level) if level else ()),
        pl.lit("").alias("station"),
        "kind",
        "status",
        *figures,
        *votes,
    ]
    return replace(returns, table=returns.table.select(columns), gaps=returns.gaps.clear(), notices=())


def _post(outbox: SimpleQueue[bytes | None], pipe: IO[bytes]) -> None:
    """Sends what is put into the outbox, until it is None or the other end has gone."""
    with suppress(OSError, ValueError):
        while (message := outbox.get()) is not None:
            _send(pipe, message)


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(len(message).to_bytes(_LENGTH, "big") + message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    length = int.from_bytes(_exactly(pipe, _LENGTH), "big")
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError("the other end has gone")
    return data


def _serve(inbox: IO[bytes], outbox: IO[bytes]) -> None:
    """The other process: reads returns, draws what it can, reads findings, draws the rest, answers."""
    messages: SimpleQueue[bytes | None] = SimpleQueue()
    # Read beside the slow loading below, so that nobody who hands something in has to wait for it.
    Thread(target=_read, args=(inbox, messages), daemon=True).start()
    from tallyscope.charts.export import warm_up
    from tallyscope.charts.gallery import FIGURES, WITH_FINDING, draw_figure

    warm_up()
    returns = pickle.loads(_next(messages))
    drawn = {name: draw_figure(name, returns) for name in FIGURES if name not in WITH_FINDING}
    findings = {f.method: f for f in pickle.loads(_next(messages))}
    drawn |= {name: draw_figure(name, returns, findings.get(method)) for name, method in WITH_FINDING.items()}
    pictures = tuple(p for name in FIGURES if (p := drawn[name]) is not None)
    _send(outbox, pickle.dumps(pictures, protocol=5))


def _read(inbox: IO[bytes], messages: SimpleQueue[bytes | None]) -> None:
    with suppress(EOFError, OSError):
        while True:
            messages.put(_receive(inbox))
    messages.put(None)


def _next(messages: SimpleQueue[bytes | None]) -> bytes:
    message = messages.get()
    if message is None:
        raise EOFError("the other end has gone")
    return message


if __name__ == "__main__":
    # What a library prints must not get between the messages.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        _serve(sys.stdin.buffer, out)
