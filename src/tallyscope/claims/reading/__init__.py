"""Reading claims out of an article."""
