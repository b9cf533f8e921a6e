"""Two connections at once: a database adds up one half of a count while it adds up the other.

Only for what never changes any more once it is there: stations, commissions, and the first `size` versions. The
second connection begins a moment later than the first, and so may see versions more, but none of those otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection

__all__ = ["Beside", "beside"]

_T = TypeVar("_T")


class Beside:
    """Jobs on a second connection to the database of the first, one after the other."""

    def __init__(self, connection: Connection, pool: ThreadPoolExecutor) -> None:
        self._engine, self._pool = connection.engine, pool

    def begin(self, job: Callable[[Connection], _T]) -> Callable[[], _T]:
        """Has a job done after those before it; what is given waits for its result, or raises its error."""
        return self._pool.submit(self._done, job).result

    def _done(self, job: Callable[[Connection], _T]) -> _T:
        with self._engine.connect() as other, other.begin():
            return job(other)


@contextmanager
def beside(connection: Connection) -> Iterator[Beside]:
    """A second connection, while the first goes on with its own. Leaving the block waits for all jobs."""
    with ThreadPoolExecutor(1) as pool:
        yield Beside(connection, pool)
