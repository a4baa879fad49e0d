"""E-mail addresses as the store compares them."""


def normalise_email(text: str) -> str:
    """The form under which an e-mail address is stored and compared."""
    return text.strip().lower()


def masked_email(email: str) -> str:
    """Enough to know one's own by: `n…@example.org`."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}…@{domain}"
