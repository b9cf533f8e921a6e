"""Parts of the verification of a record, one kind of damage each."""
