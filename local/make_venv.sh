#!/bin/sh
# Makes the project's own Python environment with uv in it.
# Usage: sh local/make_venv.sh VENV UV_VERSION   (PYTHON=… chooses the interpreter)
set -eu

venv=$1
uv_version=$2

fail() {
    echo "Error: $1" >&2
    exit 1
}

is_new_enough() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

python=$(find_python) ||
    fail "Python 3.11 or newer was not found: install it (Debian: apt install python3 python3-venv)"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$python cannot make virtual environments: install venv (Debian: apt install python3-venv)"

echo "Making the Python environment in $venv ..."
"$python" -m venv "$venv" || fail "$python -m venv $venv failed (see above)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$uv_version" ||
    fail "uv $uv_version could not be installed: is there a network?"
