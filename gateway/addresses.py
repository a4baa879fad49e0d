"""Who is at the other end of a request."""

import hashlib

from aiohttp import web


def client_address(request: web.Request, trusted_proxies: frozenset[str]) -> str:
    """The peer's address, or what a trusted proxy says it is."""
    peer = request.remote or ""
    if peer in trusted_proxies:
        forwarded = request.headers.get("X-Forwarded-For", "")
        nearest = forwarded.rsplit(",", 1)[-1].strip()
        return nearest or peer
    return peer


def address_hash(address: str) -> str:
    """What an address is counted by. Not a secret: an IPv4 address can be found again by trying all."""
    return hashlib.sha256(address.encode()).hexdigest()
