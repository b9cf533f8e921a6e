"""How the tables of a count came to be: linear revisions, each with the name of its file."""
