"""`frontdesk test`: how well a model does on what it was never trained on, and whether it got worse."""
