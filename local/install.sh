#!/bin/sh
# Installs locked, hashed requirements, then the rooms, which need nothing more.
# Usage: sh local/install.sh VENV FILE.txt... ROOM...   (TORCH_INDEX=… instead of PyTorch's own)
#
# On Linux the default index's torch brings gigabytes of CUDA. So torch comes alone, as the CPU
# build of the very version that is locked, from PyTorch's own index, and the lock's CUDA packages
# are left out. When that index does not answer, everything is installed just as it is locked.
set -eu

torch_index=${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
venv=$1
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
lock=$work/lock.txt
excludes=$work/excludes.txt
touch "$lock" "$excludes"

quiet=--quiet
if [ -t 2 ]; then quiet=; fi # Somebody watches: show how far it is.

uv_install() {
    "$venv/bin/uv" pip install $quiet --python "$venv/bin/python" "$@"
}

names_of_cuda_packages() {
    sed -n -E 's/^((nvidia|cuda)-[a-z0-9-]+|triton)==.*/\1/p' "$lock"
}

install_cpu_torch() {
    version=$(sed -n -E 's/^torch==([^ ;]+).*/\1/p' "$lock" | head -n 1)
    [ "$(uname -s)" = Linux ] && [ -n "$version" ] || return 1
    set -- --no-deps --default-index "$torch_index" "torch==$version+cpu"
    # The dry run asks for a few kilobytes only, so it may have a short time.
    UV_HTTP_TIMEOUT=5 UV_HTTP_RETRIES=0 uv_install --dry-run "$@" 2>/dev/null &&
        uv_install "$@"
}

for argument in "$@"; do
    case $argument in
    *.txt) cat "$argument" >>"$lock" ;;
    esac
done

echo "Installing the locked packages (the first time takes some minutes) ..."
if install_cpu_torch; then
    { echo torch && names_of_cuda_packages; } >"$excludes"
fi
uv_install --require-hashes --requirements "$lock" --excludes "$excludes"

for argument in "$@"; do
    case $argument in
    *.txt) ;;
    *) uv_install --no-deps --no-build-isolation --offline --editable "$argument" ;;
    esac
done
