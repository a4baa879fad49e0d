"""One-time codes: making, hashing and comparing them.

Six digits can be tried out in a second against any fast hash, and the store has no key that a copy
of it would lack; so the hash is argon2id at the smallest cost OWASP recommends (19 MiB, two passes).
It takes some 20 ms, once per code sent or tried, and comparing takes the same time for any guess.
"""

import re
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

DIGITS = 6

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def new_code() -> str:
    """Six digits, each code as likely as any other."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def hash_code(code: str) -> str:
    return _hasher.hash(code)


def code_matches(code_hash: str | None, typed: str) -> bool:
    """Whether `typed` is the hashed code; without one, the same time passes and the answer is no."""
    try:
        _hasher.verify(code_hash or _hash_of_nothing(), _digits_of(typed))
    except VerifyMismatchError:
        return False
    return code_hash is not None


def _digits_of(typed: str) -> bytes:
    """What was typed, without the spaces and dashes people put into codes, and not endless."""
    return re.sub(r"[\s\-]", "", typed)[:64].encode("utf-8", "replace")


@cache
def _hash_of_nothing() -> str:
    return hash_code(secrets.token_hex())
