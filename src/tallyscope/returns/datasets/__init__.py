"""Public data sets: what there is, under which terms, how it comes here: for repeating published figures.

`catalogue` knows them (data: `catalogue.toml`), `fetch` brings one here. Nothing is fetched unless a person asks.
"""

from __future__ import annotations

from tallyscope.returns.datasets.catalogue import (
    Dataset,
    DatasetFile,
    UnknownDataset,
    Wheel,
    datasets,
    find_dataset,
)

__all__ = ["Dataset", "DatasetFile", "UnknownDataset", "Wheel", "datasets", "find_dataset"]
