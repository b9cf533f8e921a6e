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

__all__ = ["beside"]

_T = TypeVar("_T")


@contextmanager
def beside(connection: Connection, job: Callable[[Connection], _T]) -> Iterator[Callable[[], _T]]:
    """Begins a job on a second connection to the same database; what is given waits for its result, or its error.

    Leaving the block waits for the job as well.
    """
    engine = connection.engine

    def on_another() -> _T:
        with engine.connect() as other, other.begin():
            return job(other)

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(on_another).result
