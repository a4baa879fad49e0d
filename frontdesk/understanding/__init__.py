"""`frontdesk nlu`: how well the bot's pipeline understands any examples that it is given."""
