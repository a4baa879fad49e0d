"""What the bot does: each action reads the tracker, asks one service, names a response."""
