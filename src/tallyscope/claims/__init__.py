"""What is said about an election, and whether it can be so: the arithmetic of claims about a count."""
