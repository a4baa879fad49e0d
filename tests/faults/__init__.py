"""Real processes that are killed, starved and confused while customers write. docs/delivery.md."""
