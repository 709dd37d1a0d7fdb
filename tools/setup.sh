#!/bin/sh
# Make .venv hold exactly what uv.lock says. Needs Python 3.11 or newer with venv, and a package index; nothing else.
# PYTHON=/path/to/python3 overrides the search. Quick when nothing changed.
set -eu
cd "$(dirname "$0")/.."
# A shell that has some other environment active must not lend us its packages.
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH CONDA_PREFIX || true

stop() {
    printf '%s\n' "setup: $1" >&2
    exit 1
}

# usable CANDIDATE: prints its full path when it is new enough and can make environments; remembers why not.
why="no Python was found; install Python 3.11 or newer and run make again."
usable() {
    # Run it: a version manager's shim may be on the path and start nothing.
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || return 1
    if ! "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        why="$1 is Python $version, which is too old; install Python 3.11 or newer, or set PYTHON=/path/to/python3."
        return 1
    fi
    if ! "$1" -c 'import venv, ensurepip' 2>/dev/null; then
        why="$1 has no venv module; on Debian and Ubuntu: apt-get install python$version-venv, then run make again."
        return 1
    fi
    python=$("$1" -c 'import sys; print(sys.executable)')
}

python=""
if [ -n "${PYTHON:-}" ]; then
    why="PYTHON=$PYTHON cannot be run."
    usable "$PYTHON" || stop "$why"
else
    for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
        if usable "$candidate"; then break; fi
    done
    [ -n "$python" ] || stop "$why"
fi

stamp=.venv/.setup-stamp
wanted="$python $(cat uv.lock pyproject.toml tools/uv.txt tools/setup.sh | cksum)"
if [ -x .venv/bin/python ] && [ "$(cat $stamp 2>/dev/null)" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

pinned=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' tools/uv.txt)
case "$(.uv/bin/uv --version 2>/dev/null)" in
"uv $pinned" | "uv $pinned "*) ;;
*)
    echo "setup: installing uv $pinned into .uv"
    "$python" -m venv --clear .uv
    .uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/uv.txt ||
        stop "uv could not be installed; is a package index reachable?"
    ;;
esac

echo "setup: filling .venv from uv.lock"
UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv .uv/bin/uv sync --quiet --frozen --python "$python" ||
    stop "the packages could not be installed; the lines above say why."
printf '%s\n' "$wanted" >$stamp
