"""Printed figures of an election held against its returns: verdicts with their arithmetic."""
