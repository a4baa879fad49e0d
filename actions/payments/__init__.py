"""Payments that went wrong, and proof of those that went right."""
