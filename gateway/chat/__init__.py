"""The customer's side: the socket, what comes in through it, and the turns of the bot."""
