import subprocess
import sys

from review_scraper.memory import peak_bytes

MB = 10**6
BECOME_SMALL = """
import os, sys
held = bytearray(400_000_000)
print_peak = "from review_scraper.memory import peak_bytes; print(peak_bytes())"
os.execv(sys.executable, [sys.executable, "-c", print_peak])
"""


def test_what_a_process_was_before_it_became_the_scraper_does_not_count():
    said = subprocess.run(
        [sys.executable, "-c", BECOME_SMALL], capture_output=True, text=True, check=True
    ).stdout
    assert 10 * MB < int(said) < 200 * MB


def test_memory_that_was_given_back_still_counts():
    before = peak_bytes()
    held = bytearray(b"x") * (before + 100 * MB)
    del held
    assert peak_bytes() > before + 50 * MB
