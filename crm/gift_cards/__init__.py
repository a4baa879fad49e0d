"""Gift cards, whose balance is the sum of their ledger."""
