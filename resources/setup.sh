#!/bin/sh
# Makes .venv with exactly the pinned versions, and sees to it that Qt finds its system libraries.
set -eu
venv=.venv
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11" >&2
    exit 1
}

# Qt needs these even without a display; the last ones only for a window under X.
libraries="libegl1 libgl1 libxkbcommon0 libfontconfig1 libglib2.0-0 libdbus-1-3"
libraries="$libraries libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
if command -v dpkg-query >/dev/null; then
    missing=
    for library in $libraries; do
        dpkg-query -W -f='${Status}' "$library" 2>/dev/null | grep -q '^install ok' || missing="$missing $library"
    done
    if [ -n "$missing" ] && [ "$(id -u)" = 0 ]; then
        echo "Installing the system libraries of Qt:$missing"
        apt-get update -q
        apt-get install -y -q --no-install-recommends $missing
    elif [ -n "$missing" ]; then
        echo "Qt needs system libraries that are missing. Install them once, then try again:" >&2
        echo "    sudo apt-get install$missing" >&2
        exit 1
    fi
fi

[ -x $venv/bin/python ] || "$python" -m venv $venv
# Compiled once here, since an import of TensorFlow that must compile takes three times as long.
echo "Installing about 160 packages (3.5 GB) into $venv"
if $venv/bin/python -m pip install --quiet --disable-pip-version-check -c resources/constraints.txt uv; then
    $venv/bin/uv pip install --compile-bytecode --python $venv/bin/python -c resources/constraints.txt -e '.[dev]' ||
        $venv/bin/python -m pip install -c resources/constraints.txt -e '.[dev]'
else
    $venv/bin/python -m pip install -c resources/constraints.txt -e '.[dev]'
fi
$venv/bin/python -c 'import PySide6.QtWidgets'

# Trees of configs that the tests compose: wheels that are read, but never built, installed or imported.
rm -rf $venv/shipped
$venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --ignore-requires-python -d $venv/shipped -r resources/shipped.txt
