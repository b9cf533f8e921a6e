"""Figures in Altair: one module a figure, each with a function of the same name.

from tallyscope.charts.comet import comet
from tallyscope.charts.export import to_svg

comet(returns)                                   # shows itself in a notebook
Path("comet.svg").write_text(to_svg(comet(returns)))    # needs no network

`comet`, `histograms`, `curves`, `integers`, `regions` draw Returns (and the finding, where there is one).
"""
