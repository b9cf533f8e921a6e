"""Method absentee-balance: certificates received, issued, used and left, and who won where they were used."""

from __future__ import annotations

from typing import Any

import numpy as np

from tallyscope.forensics.core.balance import sums_by_unit
from tallyscope.forensics.finding import Finding
from tallyscope.forensics.movements import Ask, answer, lacking
from tallyscope.forensics.movements_figures import moved, units_of
from tallyscope.forensics.stations import station_figures
from tallyscope.returns.table import Returns

__all__ = ["absentee_balance", "balances"]

_USED = "certificates_used"
_LINES = (
    "certificates_received",
    "certificates_issued",
    "certificates_issued_above",
    _USED,
    "certificates_unused",
    "certificates_lost",
)

_ALTERNATIVES = (
    "Honest concentration: certificates are used at railway stations and airports, in hospitals, barracks and "
    "temporary stations of plants that do not stop. Such stations have far more than the usual by their nature.",
    "Travellers of another kind than residents: students, workers on shift and tourists vote otherwise than the "
    "place they vote in, in some territories more than in others.",
    "A region may honestly use more certificates than it issued: people travel to it, and its certificates may "
    "have been taken out elsewhere.",
    "What the whole country does alike is taken as the way its travellers vote, unless it is too steep to be "
    "likely.",
)


def absentee_balance(returns: Returns) -> Finding:
    """Balances of certificates, stations where they concentrate, and the leader's share along with them.

    `details.balance`: of the nation and of every region, to the certificate; `regions_importing`. Else as every
    method of movements (`movements.answer`).
    """
    of = moved(returns, _USED)
    if of is None:
        return lacking(returns, "absentee-balance", (_USED,), _ALTERNATIVES)
    balance = balances(returns)
    nation = balance["balance"]["nation"]
    sentence = ""
    if nation["net"] is not None:
        issued = nation["certificates_issued"] + nation.get("certificates_issued_above", 0)
        sentence = f"{issued:,} certificates were issued to voters and {nation[_USED]:,} used. "
        if nation["net"] > 0:
            sentence = f"More certificates were used than issued: {nation[_USED]:,} against {issued:,}. "
    return answer(
        Ask("absentee-balance", "voted with an absentee certificate", _USED, _ALTERNATIVES, balance, sentence), of
    )


def balances(returns: Returns) -> dict[str, Any]:
    """Certificates of the nation and of every region, over all rows that report them; `net` = used - issued.

    `unbalanced`: stations whose certificates received are not those issued, unused and lost.
    """
    lines = [c for c in _LINES if returns.has(c)]
    figures = station_figures(returns, lines)
    _, region = units_of(returns, figures)
    counts = {c: figures[c] for c in lines}
    regions = sums_by_unit(counts, region.of, len(region.names))
    nation = {c: int(v.sum()) for c, v in counts.items()}
    net = _net(regions)
    order = range(len(region.names)) if net is None else np.argsort(-net, kind="stable").tolist()
    return {
        "balance": {
            "nation": {**nation, "net": None if net is None else int(net.sum())},
            "regions": [
                {
                    "unit": list(region.names[i]),
                    **{c: int(v[i]) for c, v in regions.items()},
                    "net": None if net is None else int(net[i]),
                }
                for i in order
            ],
        },
        "regions_importing": None if net is None else int(np.count_nonzero(net > 0)),
        "unbalanced": _unbalanced(counts),
    }


def _net(lines: dict[str, Any]) -> Any:
    if "certificates_issued" not in lines:
        return None
    return lines[_USED] - lines["certificates_issued"] - lines.get("certificates_issued_above", 0)


def _unbalanced(counts: dict[str, Any]) -> int | None:
    needed = ("certificates_received", "certificates_issued", "certificates_unused")
    if not all(c in counts for c in needed):
        return None
    received, issued, unused = (counts[c] for c in needed)
    return int(np.count_nonzero(received != issued + unused + counts.get("certificates_lost", 0)))
