#!/bin/sh
# Runs a check that exists only as Go source: builds it once, into .go-tools.
#
#   go_tool.sh PACKAGE VERSION [ARGUMENT ...]
#
# Skips the check with a notice if it cannot be built, without Go or without a network. In CI this is an error.
set -eu

package=$1 version=$2
shift 2
name=${package##*/}
tool=.go-tools/$version/$name

skip() {
    if [ -n "${CI:-}" ]; then
        echo "error: $name was not run, because $1. CI must run every check: install Go, or give it a network." >&2
        exit 1
    fi
    echo "notice: $name is skipped, because $1." >&2
    exit 0
}

if [ ! -x "$tool" ]; then
    command -v go >/dev/null 2>&1 || skip "go, which builds it, is not installed"
    # For this machine, even if the user's settings name another one.
    if ! problem=$(GOBIN=$PWD/.go-tools/$version GOFLAGS=-trimpath GO111MODULE=on GOOS=$(go env GOHOSTOS) \
        GOARCH=$(go env GOHOSTARCH) go install "$package@$version" 2>&1); then
        echo "$problem" | tail -n 3 >&2
        skip "$package@$version could not be built"
    fi
fi
exec "$tool" "$@"
