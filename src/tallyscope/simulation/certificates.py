"""Absentee certificates and voters added on the day: honest counts that balance over the country.

Core: pure functions on arrays, one entry a station.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tallyscope.simulation.habits import Certificates, Rate
from tallyscope.simulation.latent import Latent
from tallyscope.simulation.rates import deviations, rates

__all__ = ["added_lines", "certificate_lines"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Certificates come to a station in packs of so many.
_PACK = 10
#: No station has more than this share of its ballots issued to voters with a certificate.
_MOST = 0.95


def certificate_lines(
    registered: Ints, inside: Ints, land: Latent, habits: Certificates, rng: np.random.Generator
) -> dict[str, Ints]:
    """Certificates received, issued, used and left: role -> (stations,).

    `inside`: ballots issued in the station on the day. In the whole country no more are used than were issued; in a
    region more may be used than were issued there, because people travel.
    """
    issued = rng.binomial(registered, rates(habits.issued, land, rng))
    above = rng.binomial(registered, rates(habits.issued_above, land, rng))
    used = _used(issued + above, inside, land, habits, rng)
    packs = (issued // _PACK + 1) * _PACK
    unused = np.where(rng.random(issued.size) < habits.left_over, packs - issued, 0)
    return {
        "certificates_received": issued + unused,
        "certificates_issued": issued,
        "certificates_used": used,
        "certificates_unused": unused,
        "certificates_issued_above": above,
    }


def _used(out: Ints, inside: Ints, land: Latent, habits: Certificates, rng: np.random.Generator) -> Ints:
    """Where the certificates in `out` (by station of issue) are voted with: at home, and where people travel to."""
    pull = inside * np.exp(deviations(habits.drawn, land, rng))
    pull *= np.where(rng.random(pull.size) < habits.hubs, habits.hub_factor, 1.0)
    region = land.units[0] if land.units else np.zeros(out.size, dtype=np.int64)
    of_region = np.bincount(region, weights=pull)
    near = habits.stay * np.bincount(region, weights=out) / np.maximum(of_region, 1e-12)
    far = (1.0 - habits.stay) * out.sum() / max(float(pull.sum()), 1e-12)
    expected = habits.presented * pull * (near[region] + far)
    used = rng.binomial(inside, np.minimum(expected / np.maximum(inside, 1), _MOST))
    surplus = int(used.sum() - out.sum())
    if surplus > 0:
        used = used - rng.multivariate_hypergeometric(used, surplus, method="marginals")
    return np.asarray(used)


def added_lines(inside: Ints, taken: Ints, land: Latent, added: Rate, rng: np.random.Generator) -> dict[str, Ints]:
    """Voters added to the list on the day, who all vote: of the ballots issued inside, without those `taken`."""
    return {"added": rng.binomial(inside - taken, rates(added, land, rng))}
