"""Official figures against what others hold: copies of protocols, ballots seen, reports of observers.

Nothing here is a sample: who sends a copy is nobody's random draw. So there are differences and bounds, and never a
p-value; what is found of the stations compared says nothing certain of the others.
"""
