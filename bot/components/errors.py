"""What our components refuse to start with, in sentences fit for a log and a terminal."""

from rasa.shared.exceptions import RasaException


class BotSetupError(RasaException):
    """The assistant's surroundings do not fit its model; the message names cause and remedy and never quotes
    a customer.
    """
