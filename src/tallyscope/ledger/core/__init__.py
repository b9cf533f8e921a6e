"""Pure functions behind the record: they know nothing of databases or elections."""
