"""What all rooms' tests share: sockets are off but for real parts, and there is one browser."""

import os
import shutil

import pytest
from bench import ports
from playwright.sync_api import sync_playwright

REAL = ("integration", "cluster")


def pytest_collection_modifyitems(items):
    for item in items:
        if any(item.get_closest_marker(name) for name in REAL):
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def free_ports():
    """The function that finds ports for a test's own programs."""
    return ports.free_ports


@pytest.fixture
def free_port(free_ports):
    """A port that is free, and the same in all of a test."""
    (port,) = free_ports(1)
    return port


@pytest.fixture(scope="session")
def browser():
    """Chromium: Playwright's own where neither the environment nor the machine has one."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()
