"""What each station would have looked like before each possible manipulation: pseudo-data on a grid.

A station of N voters has honest turnout tau and honest share nu of the leader among ballots cast. Stuffing turns
1 - e^-s of those who stayed at home into votes of the leader, switching turns 1 - e^-rs of the others' ballots into
them (Klimek, Yegorov, Hanel & Thurner 2012; Mebane's iota and chi), so that

    P(abstain) = (1 - tau) e^-s,   P(other) = tau (1 - nu) e^-rs,   P(leader) = 1 - both.

For a fixed (s, r) the counts (a, o, w) of a station are therefore counts of its honest rates, read on a shifted
scale: (u, v) = (logit tau, logit nu) has a likelihood that is nearly normal, with a centre, a covariance and a
constant that do not depend on any parameter of the model. They are reckoned once, here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = [
    "EXTREME_FROM",
    "EXTREME_SCALE",
    "Grid",
    "PseudoData",
    "Station",
    "as_it_is",
    "grid",
    "logits",
    "mirrored",
    "pseudo_data",
    "references",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: The share of the abstainers at which incremental ends and extreme begins (Mebane's k).
EXTREME_FROM = 0.7
#: What extreme stuffing leaves of the abstainers: |N(0, .1)|, at most .3.
EXTREME_SCALE = 0.1
_INCREMENTAL_BINS, _FINER_BELOW = 8, 1.4
#: What is left of the abstainers, at the edges of the extreme bins.
_EXTREME_EDGES = (0.3, 0.2, 0.12, 0.06, 0.02, 0.0)
_INSIDE = 64
#: Where something was changed, honest turnouts and honest shares of the leader below this count as impossible.
_LEAST = 0.01
#: How far the typical logits of a place may lie from those of the whole, where covariances are reckoned.
_APART = 1.0


@dataclass(frozen=True, eq=False)
class Station:
    """Counts, (stations,) each: abstainers a, ballots of others o (invalid ones too), the leader's votes w."""

    abstain: Ints
    other: Ints
    leader: Ints

    @property
    def registered(self) -> Ints:
        return self.abstain + self.other + self.leader


@dataclass(frozen=True, eq=False)
class Grid:
    """The manipulations that are told apart, (nodes,) each; node 0 is none.

    `s`: -log of what is left of the abstainers, the mean of its bin; `spread`: its sd within the bin; `r`: 0 for
    stuffing alone, 1 where as large a part of the others' ballots is switched; `low`, `high`: the bin's edges in
    x = 1 - e^-s; `extreme`: whether x > .7.
    """

    s: Floats
    spread: Floats
    r: Floats
    low: Floats
    high: Floats
    extreme: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PseudoData:
    """(nodes, stations) each: centre (u, v), covariance (uu, uv, vv) and log constant of the normal likelihood of
    the honest logits. The constant is -inf where the counts are impossible for the node, and leaves out what all
    nodes share."""

    u: Floats
    v: Floats
    uu: Floats
    uv: Floats
    vv: Floats
    log_constant: Floats

    def as_it_is(self) -> PseudoData:
        """Node 0 alone."""
        return PseudoData(self.u[:1], self.v[:1], self.uu[:1], self.uv[:1], self.vv[:1], self.log_constant[:1])

    def beginning_with(self, first: PseudoData) -> PseudoData:
        """The same with other figures of the first nodes."""
        count = first.u.shape[0]
        names = ("u", "v", "uu", "uv", "vv", "log_constant")
        return PseudoData(*(np.concatenate([getattr(first, k), getattr(self, k)[count:]]) for k in names))


def as_it_is() -> Grid:
    """Node 0 alone."""
    nodes = grid()
    return Grid(nodes.s[:1], nodes.spread[:1], nodes.r[:1], nodes.low[:1], nodes.high[:1], nodes.extreme[:1])


def grid() -> Grid:
    """None; then incremental bins, finer towards 0, and extreme ones: for r = 0, and again for r = 1."""
    incremental = EXTREME_FROM * (np.arange(_INCREMENTAL_BINS + 1) / _INCREMENTAL_BINS) ** _FINER_BELOW
    edges = np.concatenate([incremental, 1.0 - np.array(_EXTREME_EDGES[1:])])
    low, high = np.concatenate([[0.0], edges[:-1], edges[:-1]]), np.concatenate([[0.0], edges[1:], edges[1:]])
    r = np.repeat([0.0, 0.0, 1.0], [1, edges.size - 1, edges.size - 1])
    inside = (np.arange(_INSIDE) + 0.5) / _INSIDE
    s = -np.log1p(-(low[:, None] + (high - low)[:, None] * inside))
    return Grid(s.mean(axis=1), s.std(axis=1), r, low, high, low >= EXTREME_FROM - 1e-9)


def pseudo_data(station: Station, nodes: Grid, reference: Floats | None = None) -> PseudoData:
    """The normal likelihood of (logit tau, logit nu) of every station under every node.

    The centre is where the node's honest rates would give exactly these counts, half a count added to each side of
    either proportion (Haldane 1956; Anscombe 1956). The covariance is the multinomial one carried through the
    derivatives of (u, v), plus that of s within its bin, at `reference`, (stations, 2) honest logits typical of the
    place (`references` unless given): taken at the counts themselves it would vary with them, and the densities of
    different nodes would not integrate to the same. The constant is the log of the Jacobian
    |d(u, v) / d(P(abstain), P(other))| at the counts: a likelihood of counts is a density of those rates.
    """
    a, o = (np.asarray(c, dtype=np.float64) for c in (station.abstain, station.other))
    cast = o + station.leader
    n = a + cast
    p_abstain = (a + 0.5) / (n + 1.0)
    p_other = (1.0 - p_abstain) * (o + 0.5) / (cast + 1.0)
    s, r = nodes.s[:, None], nodes.r[:, None]
    tau = 1.0 - p_abstain * np.exp(s)
    eta = p_other * np.exp(r * s) / np.maximum(tau, 1e-9)
    least = np.where(s > 0.0, _LEAST, 0.0)
    possible = (tau > least) & (eta < 1.0 - least)
    tau, eta = np.where(possible, tau, 0.5), np.where(possible, eta, 0.5)
    around = references(station, np.zeros(n.size, dtype=np.int64)) if reference is None else reference
    uu, uv, vv = _covariance(n, around, nodes)
    log_jacobian = s - np.log(tau * (1.0 - tau)) - np.log(p_other * (1.0 - eta))
    return PseudoData(
        u=np.log(tau / (1.0 - tau)),
        v=np.log((1.0 - eta) / eta),
        uu=uu,
        uv=uv,
        vv=vv,
        log_constant=np.where(possible, log_jacobian, -np.inf),
    )


def _covariance(n: Floats, reference: Floats, nodes: Grid) -> tuple[Floats, Floats, Floats]:
    """Of (u, v) about the truth, (nodes, stations) each: counting, and s within its bin."""
    s, r = nodes.s[:, None], nodes.r[:, None]
    tau, nu = (1.0 / (1.0 + np.exp(-reference))).T
    eta = 1.0 - nu
    p_abstain, p_other = (1.0 - tau) * np.exp(-s), tau * eta * np.exp(-r * s)
    u_a = -np.exp(s) / (tau * (1.0 - tau))
    v_a, v_o = -np.exp(s) / (tau * nu), -1.0 / (p_other * nu)
    var_a, var_o, cov = p_abstain * (1.0 - p_abstain), p_other * (1.0 - p_other), -p_abstain * p_other
    u_s, v_s = -1.0 / tau, -(r + (1.0 - tau) / tau) / nu
    inside = nodes.spread[:, None] ** 2
    return (
        u_a**2 * var_a / n + u_s**2 * inside,
        u_a * (v_a * var_a + v_o * cov) / n + u_s * v_s * inside,
        (v_a**2 * var_a + 2.0 * v_a * v_o * cov + v_o**2 * var_o) / n + v_s**2 * inside,
    )


def logits(station: Station) -> Floats:
    """Of turnout and of the leader's share of ballots cast, (stations, 2), half a count added to each side."""
    cast = station.other + station.leader
    turnout = np.log((cast + 0.5) / (station.abstain + 0.5))
    return np.column_stack([turnout, np.log((station.leader + 0.5) / (station.other + 0.5))])


def references(station: Station, unit: Ints) -> Floats:
    """Typical logits of turnout and share where each station is, (stations, 2).

    The median of its unit, drawn to that of all stations as if by five more stations, and at most `_APART` from it.
    """
    values = logits(station)
    order = np.argsort(unit, kind="stable")
    ends = np.cumsum(np.bincount(unit))
    typical, whole = np.empty_like(values), np.median(values, axis=0)
    for rows in np.split(order, ends[:-1]):
        typical[rows] = (rows.size * np.median(values[rows], axis=0) + 5.0 * whole) / (rows.size + 5.0)
    return np.asarray(np.clip(typical, whole - _APART, whole + _APART))


def mirrored(station: Station, unit: Ints) -> Station:
    """The country mirrored: the logits of turnout and share of every station reflected in the median of its unit.

    An honest country need not be normal, but what leans neither way looks the same in the mirror.
    """
    n = station.registered
    turnout, share = logits(station).T
    order, ends = np.argsort(unit, kind="stable"), np.cumsum(np.bincount(unit))
    for rows in np.split(order, ends[:-1]):
        turnout[rows] = 2.0 * np.median(turnout[rows]) - turnout[rows]
        share[rows] = 2.0 * np.median(share[rows]) - share[rows]
    voted = np.clip(np.rint(n / (1.0 + np.exp(-turnout))), 1, n).astype(np.int64)
    leader = np.clip(np.rint(voted / (1.0 + np.exp(-share))), 0, voted).astype(np.int64)
    return Station(n - voted, voted - leader, leader)
