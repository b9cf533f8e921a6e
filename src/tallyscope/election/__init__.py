"""Room: election."""
