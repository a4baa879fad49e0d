"""Orders in the chat: where one is, and cancelling it."""
