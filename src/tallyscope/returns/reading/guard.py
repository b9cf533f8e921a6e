"""Turns whatever a library raises over a damaged file into a ReadError with a sentence for the user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tallyscope.returns.problems import Problem, ReadError

__all__ = ["damaged"]


@contextmanager
def damaged(name: str, text: str, hint: str) -> Iterator[None]:
    """Everything raised inside is a ReadError of file `name`: "`text` (the library's first words)."

    The libraries that open archives, workbooks and Parquet raise a dozen kinds each for files cut short or forged,
    and panics of those written in Rust are not even an Exception.
    """
    try:
        yield
    except (ReadError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001
        said = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise ReadError([Problem(name, f"{text} ({said}).", hint)]) from None
