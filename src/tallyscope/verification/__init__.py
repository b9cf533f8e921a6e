"""Official figures against the copies of their protocols."""
