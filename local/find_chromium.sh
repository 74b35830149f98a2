#!/bin/sh
# Prints the path of a Chromium for the browser tests; gets one where none is found.
# Usage: sh local/find_chromium.sh PYTHON   (CHROMIUM=… names one)
set -eu

python=$1

installed() {
    for name in chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        command -v "$name" && return
    done
    return 1
}

from_playwright() {
    path=$("$python" -c 'from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)' 2>/dev/null)
    [ -x "$path" ] && echo "$path"
}

install_from_debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    echo "Installing Debian's chromium ..." >&2
    { apt-get update && apt-get install --yes --no-install-recommends chromium; } >/dev/null 2>&1
}

install_from_playwright() {
    echo "Installing Playwright's chromium ..." >&2
    "$python" -m playwright install chromium >/dev/null 2>&1
}

if [ -n "${CHROMIUM:-}" ]; then
    command -v "$CHROMIUM" && exit
    echo "Error: CHROMIUM names $CHROMIUM, which is not a program" >&2
    exit 1
fi
installed && exit
from_playwright && exit
install_from_debian && installed && exit
install_from_playwright && from_playwright && exit
echo "Error: the browser tests need Chromium: install it, or set CHROMIUM to its path" >&2
exit 1
