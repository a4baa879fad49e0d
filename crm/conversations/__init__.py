"""Conversations: who answers, what was said, which turns are settled, what the bot tried."""
