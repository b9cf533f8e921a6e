"""The administrator's pages: persons, who is signed in, tokens of machines, the audit trail."""
