#!/bin/sh
# Creates or updates a Python environment: the locked packages and no others.
#
#   create_environment.sh FOLDER REQUIREMENTS [DISTRIBUTION ...]
#
# FOLDER is the environment, REQUIREMENTS its lock file, and each DISTRIBUTION a folder of this
# project to install too. Safe to interrupt and to run again.
set -eu

folder=$1
requirements=$2
shift 2
wanted=$(cat .python-version)
project=.venv
# The physical path: a link to the checkout is the same place.
here=$(pwd -P)

case $here in
*:*)
    echo "error: Python can't create an environment in $here, because the path has a colon." \
        "Move or rename the checkout, and run make again." >&2
    exit 1
    ;;
esac

# Creating it anew would empty the folder that the link names.
for link in "$project" "$folder"; do
    if [ -L "$link" ]; then
        echo "error: $link is a link to another folder. Remove the link, and run make again." >&2
        exit 1
    fi
done

# Prints the interpreter's name. pyenv's shims obey .python-version; uv has its own interpreters.
find_python() {
    for candidate in "${PYTHON:-}" python3 "python$wanted" \
        "$(PYENV_VERSION=$wanted pyenv which python 2>/dev/null || :)" \
        "$(uv python find --no-project --system "$wanted" 2>/dev/null || :)"; do
        [ -n "$candidate" ] || continue
        version=$("$candidate" -c 'import ensurepip, sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        [ "$version" = "$wanted" ] && { echo "$candidate"; return; }
    done
    # uv keeps it, and puts nothing on the user's PATH.
    if command -v uv >/dev/null 2>&1 && UV_PYTHON_INSTALL_BIN=0 uv python install --quiet "$wanted" >&2; then
        uv python find --no-project --system "$wanted"
        return
    fi
    echo "error: found no Python $wanted with its venv module. The function runs on this version in" \
        "Lambda. Install it (pyenv install $wanted, or uv, or your system's package), or name it:" \
        "make PYTHON=/path/to/python$wanted" >&2
    return 1
}

# Succeeds if the environment was created in this checkout, and its interpreter runs and has the wanted version.
works() {
    [ "$(cat "$1/complete" 2>/dev/null)" = "$here" ] &&
        "$1/bin/python" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$wanted')" 2>/dev/null
}

# Runs pip or uv without the user's settings, except those that say where packages come from.
installer() {
    "$project/bin/python" scripts/run_installer.py "$@"
}

if ! works "$project" || ! "$project/bin/uv" --version >/dev/null 2>&1; then
    echo "Creating $project"
    python=$(find_python)
    "$python" -m venv --clear "$project"
    installer pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement requirements/bootstrap.txt
fi

if [ "$folder" != "$project" ] && ! works "$folder"; then
    installer uv venv --quiet --clear --no-project --python "$project/bin/python" "$folder"
fi

echo "Installing $requirements into $folder"
# Compiled once, because every run of the function and of submitter is a new process, and some
# processes write no bytecode.
installer uv pip sync --quiet --python "$folder/bin/python" --require-hashes --compile-bytecode "$requirements"
for distribution in "$@"; do
    installer uv pip install --quiet --python "$folder/bin/python" --no-deps --no-build-isolation \
        --editable "$distribution"
done
pwd -P >"$folder/complete"
