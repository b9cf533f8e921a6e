"""Tallyscope: what was counted, whether each protocol holds together, and what the result carries."""
