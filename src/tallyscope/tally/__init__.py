"""Room: tally."""
