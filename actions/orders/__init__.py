"""Orders in the chat: finding, following and explaining them, and cancelling one."""
