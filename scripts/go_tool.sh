#!/bin/sh
# Runs a check that comes as Go source only: builds it once, into .go-tools.
#
#   go_tool.sh PACKAGE VERSION [ARGUMENT ...]
#
# Where it cannot be built, because there is no Go or nothing to get its source from, it is skipped with a
# notice: the check is one of many. In CI, which has both, that is an error.
set -eu

package=$1 version=$2
shift 2
name=${package##*/}
tool=.go-tools/$version/$name

# Ends with a reason: nothing was checked.
skip() {
    if [ -n "${CI:-}" ]; then
        echo "error: $name was not run, because $1. CI has to run every check." >&2
        exit 1
    fi
    echo "notice: $name is skipped, because $1." >&2
    exit 0
}

if [ ! -x "$tool" ]; then
    command -v go >/dev/null 2>&1 || skip "there is no go to build it with"
    # For this machine, whatever the user's settings build for.
    if ! problem=$(GOBIN=$PWD/.go-tools/$version GOFLAGS=-trimpath GO111MODULE=on GOOS=$(go env GOHOSTOS) \
        GOARCH=$(go env GOHOSTARCH) go install "$package@$version" 2>&1); then
        echo "$problem" | tail -n 3 >&2
        skip "$package@$version could not be built"
    fi
fi
exec "$tool" "$@"
