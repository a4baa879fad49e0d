"""The only process a network sees: it owns the conversation and meets everything else in the store."""
