"""Who speaks in news of elections, and about which: persons, bodies, outlets, countries, elections, as data."""
