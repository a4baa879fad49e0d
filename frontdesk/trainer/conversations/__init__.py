"""Whole conversations, written down in tests/conversations and talked through with the bot."""
