"""Who is at the other end of a request."""

import hashlib
from ipaddress import IPv4Address, IPv6Network, ip_address

from aiohttp import web

# What one customer of a provider has for themselves: they may take a new address for every request.
_ONE_VISITORS_BITS = 64


def client_address(request: web.Request, trusted_proxies: frozenset[str]) -> str:
    """The peer's address, or what a trusted proxy says it is; of an IPv6 address its network."""
    peer = request.remote or ""
    if peer in trusted_proxies:
        forwarded = request.headers.get("X-Forwarded-For", "")
        nearest = forwarded.rsplit(",", 1)[-1].strip()
        return _counted(nearest) or _counted(peer) or peer
    return _counted(peer) or peer


def address_hash(address: str) -> str:
    """What an address is counted by. Not a secret: an IPv4 address can be found again by trying all."""
    return hashlib.sha256(address.encode()).hexdigest()


def _counted(address: str) -> str:
    """The address in one spelling; empty where it is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), _ONE_VISITORS_BITS), strict=False))
