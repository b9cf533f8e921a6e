"""What stands below each figure of the report: how to read it, and what it does not say."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CAPTIONS"]

CAPTIONS: Mapping[str, str] = {
    "comet": (
        "A tail that leaves the cloud for the upper right corner, where nearly everybody votes and nearly all "
        "for one choice, is what such maps are searched for. Honest differences between places can stretch a "
        "cloud too, which is why the methods below measure."
    ),
    "histograms": (
        "Bins at whole percentages are orange. Small stations give round values by arithmetic alone, near 50 "
        "% above all; the method compares with exactly that. The last half point at either end may exceed the "
        "frame."
    ),
    "integers": (
        "A bar above the grey band is a percentage that more stations report than chance explains. Multiples "
        "of five are orange."
    ),
    "curves": (
        "Where support does not depend on turnout, the leader’s curve and the multiple of the others lie on "
        "one another. What lies between them is shaded; its sum over all bins is what a constant ratio gives, "
        "the widest reading. The result hinges on where the core is put."
    ),
    "curves-why-not": (
        "Drawn to show why there is no estimate. Where support does not depend on turnout, the leader’s curve and "
        "the multiple of the others lie on one another below the core; the core marked here is the one that the "
        "published recipe picks, and the conditions below say what speaks against it."
    ),
    "sensitivity": (
        "The ratio is taken at one turnout, and another one gives another estimate. Where the orange points "
        "lie close together, little depends on the choice."
    ),
    "regions": (
        "A narrow hump is a place whose stations resemble one another. A second hump, or a tail that runs to "
        "100 %, says that some of its stations differ from the rest."
    ),
}
