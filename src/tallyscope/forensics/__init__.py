"""Room: forensics."""
