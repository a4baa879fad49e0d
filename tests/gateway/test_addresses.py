"""What a visitor is counted by."""

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.addresses import client_address

PROXY = "10.0.0.1"
NETWORK = "10.20.0.0/16"


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (PROXY, "198.51.100.1", "198.51.100.1"),
        (PROXY, "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (PROXY, "rubbish", PROXY),
        (PROXY, "", PROXY),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "", "2001:db8:1:2::/64"),
        (PROXY, "2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", "203.0.113.9"),
        (f"::ffff:{PROXY}", "198.51.100.1", "198.51.100.1"),
        ("10.20.9.8", "198.51.100.1", "198.51.100.1"),
        ("10.21.0.1", "198.51.100.1", "10.21.0.1"),
        (PROXY, "1.1.1.1, 198.51.100.1, 10.20.0.3", "198.51.100.1"),
        ("2001:db8:ff::7", "198.51.100.1", "198.51.100.1"),
        (PROXY, "10.20.0.3", "10.20.0.3"),
        ("", "198.51.100.1", ""),
    ],
)
def test_an_address_is_counted_in_one_spelling_and_an_ipv6_network_as_one(
    peer: str, forwarded: str, counted: str
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/", headers=headers).clone(remote=peer)
    assert client_address(request, frozenset({PROXY, NETWORK, "2001:db8:ff::/48"})) == counted
