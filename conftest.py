"""Sockets are off for unit tests; tests with real parts may use them."""

import pytest

REAL = ("integration", "cluster")


def pytest_collection_modifyitems(items):
    for item in items:
        if any(item.get_closest_marker(name) for name in REAL):
            item.add_marker(pytest.mark.enable_socket)
