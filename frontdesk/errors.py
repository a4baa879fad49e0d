"""What an operator can mend."""

# Begins a command's last message, so that `up` can tell it from what the command printed before.
ERROR_MARK = "Error: "


class OperatorError(Exception):
    """The command cannot go on; the message is one sentence that names the cause and the remedy."""
