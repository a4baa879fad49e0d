"""Guards taken out of a copy of the code, each of which the suite must notice."""
