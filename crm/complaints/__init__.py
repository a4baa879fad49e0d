"""What went wrong with an order, as customers reported it."""
