#!/usr/bin/env bash
# Print the path of a Python that can run this project: CPython 3.12 or 3.13 with venv and pip.
#
# A name on PATH proves nothing (a version manager's shim can exist and fail), so a candidate counts only
# when it has run and answered. When none does, uv is asked to provide one, under .python/ of this folder.
set -uo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

probe='
import sys, sysconfig, venv, ensurepip
fits = (3, 12) <= sys.version_info[:2] < (3, 14) and sys.implementation.name == "cpython"
free_threaded = sysconfig.get_config_var("Py_GIL_DISABLED")  # Numba has no wheels for those builds
if not fits or free_threaded:
    sys.exit(1)
print(sys.executable)
'

say() { printf '%s\n' "$*" >&2; }

# Run one candidate; print its own path and succeed when it fits.
try() {
    local found
    found=$("$1" -I -c "$probe" </dev/null 2>/dev/null) && [ -x "$found" ] && printf '%s\n' "$found"
}

# Every place a Python may live, most wanted first, one a line. PATH is read to its end: the first
# python3.12 may be a broken shim and the second a real one.
candidates() {
    type -aP python3.12 python3.13 python3
    local version pyenv=${PYENV_ROOT:-$HOME/.pyenv}
    for version in 3.12 3.13; do
        printf '%s\n' "$pyenv/versions/$version"*/bin/python3 \
            {/usr,/usr/local,"$HOME/.local",/opt/homebrew}/bin/python"$version" \
            /opt/*/bin/python"$version" /opt/*"$version"*/bin/python3 \
            /Library/Frameworks/Python.framework/Versions/"$version"/bin/python3 \
            "$HOME"/.local/share/uv/python/cpython-"$version".*/bin/python3
    done
}

# Print a path to uv: the user's own, or one installed by whatever Python 3 there is into $1.
find_uv() {
    type -P uv && return
    local python
    while IFS= read -r python; do
        "$python" -m venv "$1" </dev/null &>/dev/null &&
            "$1/bin/python" -m pip install --quiet uv </dev/null &>/dev/null &&
            printf '%s\n' "$1/bin/uv" && return
    done < <(type -aP python3 python)
    return 1
}

from_uv() {
    local uv
    scratch=$(mktemp -d) || return
    trap 'rm -rf -- "$scratch"' EXIT
    uv=$(find_uv "$scratch/uv") || return
    export UV_PYTHON_INSTALL_DIR=$root/.python UV_PYTHON_INSTALL_BIN=0 UV_PYTHON_PREFERENCE=managed
    "$uv" python install --quiet 3.12 </dev/null 2>/dev/null
    try "$("$uv" python find --no-project --system 3.12 2>/dev/null)"
}

if [ -n "${PYTHON:-}" ]; then
    try "$PYTHON" && exit
    say "PYTHON=$PYTHON is not a working Python 3.12 or 3.13 with venv; looking for another."
fi
while IFS= read -r candidate; do
    try "$candidate" && exit
done < <(candidates)
say "No Python 3.12 or 3.13 on this machine; asking uv for one ..."
from_uv && exit
say "Could not find or fetch Python 3.12 or 3.13: install one (with its venv module) and run" \
    "\`make PYTHON=/path/to/python3.12\` followed by the target you want."
exit 1
