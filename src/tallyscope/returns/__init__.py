"""The table of returns: reading it, writing it, recognising an unknown file, checking every protocol."""
