"""Photos that customers send."""
