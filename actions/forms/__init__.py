"""What forms ask, how an answer is read, and what an interruption is; topics add their questions."""
