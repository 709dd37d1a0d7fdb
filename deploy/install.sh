#!/bin/sh
# Install the program from uv.lock, every package checked against its hash, byte-compiled, without tests or tools.
# Used by deploy/Dockerfile in two layers, and by anybody who installs without containers:
#   sh deploy/install.sh packages PREFIX    the packages alone (changes with uv.lock)
#   sh deploy/install.sh program PREFIX     the program itself (changes with the source)
# Run in the root of a checkout. Needs Python 3.11 or newer with venv, and a package index. PREFIX must be absolute.
set -eu
step=${1:?packages or program}
prefix=${2:?the directory of the installation, absolute}
uv="$prefix.uv"

if [ ! -x "$uv/bin/uv" ]; then
    "${PYTHON:-python3}" -m venv "$uv"
    "$uv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r tools/uv.txt
fi
export UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT="$prefix"
sync() {
    "$uv/bin/uv" sync --quiet --frozen --no-default-groups --no-editable --python "${PYTHON:-python3}" "$@"
}
case "$step" in
packages) sync --no-install-project ;;
program)
    # Anew each time: what was built before is kept by version, and the version is the same after a `git pull`.
    sync --reinstall-package learning-worker
    # What was needed to install is not needed to run.
    rm -rf "$uv"
    ;;
*)
    echo "install: packages or program, not $step" >&2
    exit 2
    ;;
esac
