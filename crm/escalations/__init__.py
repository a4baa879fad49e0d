"""Escalations as stored: their states, the queue, and what an agent does to them."""
