import signal
import subprocess
import sys

import psutil

from candor_local import processes

# The leader of its threads has ended, and another one lives on, as for a moment when Java ends.
HALF_DEAD = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
print("ready", flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""


def test_a_process_that_looks_dead_while_its_threads_end_is_taken_note_of():
    process = psutil.Popen(
        [sys.executable, "-c", HALF_DEAD], stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout.readline() == b"ready\n"
    while process.status() != psutil.STATUS_ZOMBIE:
        assert process.poll() is None
    processes.stop(process, signal.SIGCONT, 0.5)
    assert process.returncode == -signal.SIGKILL
    process.stdout.close()
