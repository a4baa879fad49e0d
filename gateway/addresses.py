"""Who is at the other end of a request."""

import hashlib
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network

from aiohttp import web

# What one customer of a provider has for themselves: they may take a new address for every request.
_ONE_VISITORS_BITS = 64


def client_address(request: web.Request, trusted_proxies: frozenset[str]) -> str:
    """The peer's address, or what trusted proxies say it is; of an IPv6 address its network.

    `trusted_proxies` are addresses and networks (`10.0.0.0/8`). Of several proxies each says who came to it:
    the first from the end that is none of ours is the visitor.
    """
    peer = request.remote or ""
    forwarded = request.headers.get("X-Forwarded-For", "")
    said = [each.strip() for each in forwarded.split(",")] if forwarded else []
    while said and _is_among(peer, trusted_proxies) and _counted(said[-1]):
        peer = said.pop()
    return _counted(peer) or peer


def _is_among(address: str, proxies: frozenset[str]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in _networks(proxies))


@lru_cache(maxsize=8)
def _networks(proxies: frozenset[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(each, strict=False) for each in proxies)


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
