"""Room: returns."""
