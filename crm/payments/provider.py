"""The port to whoever moves money for the shop."""

from typing import Protocol


class ProviderRefused(Exception):
    """The provider will not do it, however often it is asked; the message says why."""


class ProviderTimedOut(Exception):
    """Nobody knows whether it was done: it is asked again with the same key."""


class PaymentProvider(Protocol):
    """Amounts in minor units. A key belongs to one wish: whoever repeats it gets the first answer, and money
    moves once.
    """

    async def capture(self, token: str, amount: int, currency: str, key: str) -> str:
        """Take the amount from the way of paying behind `token`; returns the provider's name for the payment.

        Raises ProviderRefused and ProviderTimedOut.
        """
        ...

    async def refund(self, reference: str, amount: int, currency: str, key: str) -> str:
        """Send part of a payment back; returns the provider's name for the refund.

        Raises ProviderRefused and ProviderTimedOut.
        """
        ...

    async def void(self, reference: str, key: str) -> None:
        """Let go what was only set aside. Raises ProviderRefused and ProviderTimedOut."""
        ...
