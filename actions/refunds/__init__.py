"""Money that goes back: where it is, and asking for it."""
