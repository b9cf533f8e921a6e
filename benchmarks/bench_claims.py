"""Claims: one share's bounds, all shares jointly, a whole article read, checked and shown.

    python benchmarks/bench_claims.py

Budgets on the 95,415 protocols of Russia 2012: one share <= 50 ms; five shares jointly <= 5 s; an article read
without models <= 100 ms.
"""

from __future__ import annotations

import numpy as np

from common import DATA, RUSSIA_2012, best_of, peak_memory_mb, report
from tallyscope.claims.checks.count import count_of
from tallyscope.claims.core.joint import conditions, feasibility
from tallyscope.claims.core.single import share_bounds
from tallyscope.claims.reading import read_claims
from tallyscope.returns.reading.read import read

PRINTED = {"putin": 63.75, "zyuganov": 17.19, "prokhorov": 7.82, "zhirinovsky": 6.23, "mironov": 3.85}
ARTICLES = DATA.parent / "articles"


def main() -> None:
    """One line a budget."""
    count = count_of(read(RUSSIA_2012))
    shares = np.array([PRINTED[c] / 100 for c in count.choices])
    half = np.full(shares.size, 0.00005)
    putin = count.votes[:, count.choices.index("putin")]
    single = best_of(9, lambda: share_bounds(putin, count.cast, 715))
    report("bounds of one share, 715 of 95,415 out", f"{1000 * single:.1f} ms", "50 ms", met=single <= 0.05)
    for name, ballots in (("a witness, ballots cast", count.cast), ("a certificate, valid votes", count.valid)):
        of = conditions(count.votes, ballots, shares, half, 621, 715)
        joint = best_of(3, lambda of=of: feasibility(of))  # type: ignore[misc]
        report(f"five shares jointly: {name}", f"{joint:.2f} s", "5 s", met=joint <= 5)
    for path in sorted(ARTICLES.glob("*.txt")):
        took = best_of(5, lambda path=path: read_claims(path))  # type: ignore[misc]
        report(f"reading {path.name}", f"{1000 * took:.0f} ms", "100 ms", met=took <= 0.1)
    print(f"peak memory {peak_memory_mb():,.0f} MB")


if __name__ == "__main__":
    main()
