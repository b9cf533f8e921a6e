"""Entry on screen: the clerk's form and the coordinator's desk."""
