"""E-mail addresses as the store compares them."""


def normalise_email(text: str) -> str:
    """The form under which an e-mail address is stored and compared."""
    return text.strip().lower()
