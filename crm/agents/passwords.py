"""Argon2id hashing, off the event loop and a few at a time."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Passwords:
    """Hashes and checks passwords.

    One check takes about 64 MiB and tens of milliseconds of CPU with argon2-cffi's defaults
    (RFC 9106, low memory), hence `at_once`: a flood of log-ins waits in line and does not eat the
    machine. Never call it inside a transaction.
    """

    def __init__(self, hasher: PasswordHasher | None = None, at_once: int = 2) -> None:
        self._hasher = hasher or PasswordHasher()
        self._line = asyncio.Semaphore(at_once)
        self._decoy = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        async with self._line:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, stored: str | None) -> bool:
        """Whether `password` belongs to the `stored` hash.

        With None (no such agent) a decoy is checked, which takes as long and never fits.
        """
        async with self._line:
            fits = await asyncio.to_thread(self._check, stored or self._decoy, password)
        return fits and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _check(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
