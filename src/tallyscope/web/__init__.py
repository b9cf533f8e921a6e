"""The service: entry, the coordinator's desk, the public results, and their static copy."""
