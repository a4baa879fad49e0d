"""The load benchmark: `python -m benchmarks.chat`; what was measured is in docs/decisions/0028-load.md."""
