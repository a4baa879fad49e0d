"""Where an index's vectors are looked up: one protocol, and a store for each size and place."""
