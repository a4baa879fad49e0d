"""What the shop's own records say, for people to decide upon."""
