"""Who may do what in a count: persons, roles in the tree of commissions, sessions, tokens, the audit trail."""
