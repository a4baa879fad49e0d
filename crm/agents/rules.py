"""How long a desk session lives and how many wrong passwords are allowed."""

from datetime import datetime, timedelta

IDLE_LIMIT = timedelta(hours=12)
LIFETIME = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)
"""A session's last use is written at most this often; every request would be a write otherwise."""

ATTEMPT_WINDOW = timedelta(minutes=15)
WRONG_PER_EMAIL = 5
WRONG_PER_ADDRESS = 20

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 512
LONGEST_USER_AGENT = 200


def session_is_over(*, last_seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    return now >= expires_at or now - last_seen_at >= IDLE_LIMIT
