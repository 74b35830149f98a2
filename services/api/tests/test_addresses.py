"""Client addresses: read, kept and counted."""

import ipaddress

import pytest

from review_api import addresses


@pytest.mark.parametrize(
    ("policy", "address", "expected"),
    [
        ("full", "203.0.113.77", "203.0.113.77"),
        ("truncated", "203.0.113.77", "203.0.113.0"),
        ("none", "203.0.113.77", None),
        ("full", "2001:db8:1:2:3::4", "2001:db8:1:2:3::4"),
        ("truncated", "2001:db8:1:2:3::4", "2001:db8:1::"),
        ("truncated", "::1", "::"),
    ],
)
def test_an_address_is_kept_as_the_setting_says(policy, address, expected):
    assert addresses.kept(addresses.parse(address), policy) == expected


def test_an_unknown_address_is_kept_as_nothing():
    assert addresses.kept(None, "full") is None


def test_ipv4_written_as_ipv6_is_ipv4():
    assert addresses.parse("::ffff:203.0.113.7") == ipaddress.ip_address("203.0.113.7")


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "1.2.3.4:80", "1.2.3.4, 5.6.7.8"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match="does not appear to be"):
        addresses.parse(text)


def test_addresses_of_one_ipv6_line_count_as_one_client():
    first, second = map(addresses.parse, ("2001:db8:0:1::5", "2001:db8:0:1:ffff::6"))
    assert addresses.counted(first) == addresses.counted(second) == "2001:db8:0:1::/64"


def test_ipv4_addresses_count_apart():
    assert addresses.counted(addresses.parse("192.0.2.1")) == "192.0.2.1/32"
