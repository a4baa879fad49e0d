"""Accounts in the chat: addresses, contact data, signing in, and what the law lets customers ask for."""
