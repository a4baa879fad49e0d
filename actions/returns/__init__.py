"""Goods that come back: what can, how, and for another size."""
