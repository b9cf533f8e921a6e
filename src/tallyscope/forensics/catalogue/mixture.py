"""Bayesian mixtures with a latent class for every station."""

from __future__ import annotations

from tallyscope.forensics.method import Method

__all__ = ["METHODS"]

METHODS: tuple[Method, ...] = (
    Method(
        id="mixture",
        mechanisms=("ballot stuffing", "extreme stuffing", "carousel", "rewritten protocol"),
        question="Do stations look as if ballots were added more often than they look as far the other way; how "
        "probable is it that none has any, and if some have, how many votes are they?",
        source="Klimek, Yegorov, Hanel & Thurner, PNAS 109 (2012) 16469-16473, as a Bayesian mixture with latent "
        "classes (Mebane, eforensics); here with the effects of places, atypical honest stations and a spike at "
        "nothing (Savage-Dickey ratio: Verdinelli & Wasserman, JASA 90 (1995) 614-618), and a test by flipped "
        "signs (Romano, JASA 85 (1990) 686-692)",
        conditions=(
            "voters on the list, ballots cast and the leader's votes, station by station",
            "at least 200 stations of 100 voters or more, and half of all",
            "the extra `bayes` (pip install 'tallyscope[bayes]')",
            "for a probability and votes, four chains that agree: R-hat of every global parameter below 1.05",
        ),
        function="tallyscope.forensics.mixture:mixture",
        on_request=True,
    ),
)
