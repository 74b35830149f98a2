"""What the room's tests share: demo sites to collect from."""

from contextlib import ExitStack

import pytest

from demo_site.running import running


@pytest.fixture
def demo_site():
    """Return a function that starts a site with the command's options and gives its address."""
    with ExitStack() as sites:
        yield lambda **options: sites.enter_context(running(**options))
