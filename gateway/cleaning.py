"""Text from browsers, made fit for every part of its way."""


def clean(text: str) -> str:
    """The text without lone surrogates, NUL and outer space; the rest is carried as it was typed."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "").strip()
