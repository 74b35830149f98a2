"""How much memory this process has had, and Scrapy's limit on it."""

import re
import resource
import sys
from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

STATUS = Path("/proc/self/status")
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


def peak_bytes() -> int:
    """Return the most bytes that this process has had resident.

    Linux's `getrusage` also counts what the process had been before it became this program, so
    that a large parent would use up the limit of a small child.
    """
    if STATUS.exists() and (found := PEAK.search(STATUS.read_text())):
        return 1024 * int(found[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


class MemoryLimit(MemoryUsage):
    """Ends a crawl whose process has grown too large."""

    def get_virtual_size(self) -> int:
        """Return the bytes that are compared with the limit."""
        return peak_bytes()
