"""Products in the chat: what they cost, whether they are there, what they are like, how they compare."""
