"""Random streams: one for each purpose, so that changing one part of a simulation leaves the others alone."""

from __future__ import annotations

from zlib import crc32

import numpy as np

__all__ = ["generator"]


def generator(seed: int, purpose: str) -> np.random.Generator:
    """The PCG64 generator of this seed and purpose; streams of different purposes are independent.

    Raises ValueError for a negative seed.
    """
    if seed < 0:
        raise ValueError(f"a seed is a whole number from 0 on, not {seed}")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, crc32(purpose.encode())])))
