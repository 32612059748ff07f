#!/bin/sh
# Runs a check that comes as Go source only: builds it once, into .go-tools.
#
#   go_tool.sh PACKAGE VERSION [ARGUMENT ...]
#
# Where it cannot be built, because there is no Go or nothing to get its source from, it is skipped with a
# notice: the check is one of many, and CI has both.
set -eu

package=$1 version=$2
shift 2
name=${package##*/}
tool=.go-tools/$version/$name

if [ ! -x "$tool" ]; then
    if ! command -v go >/dev/null 2>&1; then
        echo "notice: $name is skipped, because there is no go to build it with." >&2
        exit 0
    fi
    # For this machine, whatever the user's settings build for.
    if ! problem=$(GOBIN=$PWD/.go-tools/$version GOFLAGS=-trimpath GO111MODULE=on GOOS=$(go env GOHOSTOS) \
        GOARCH=$(go env GOHOSTARCH) go install "$package@$version" 2>&1); then
        echo "notice: $name is skipped, because $package@$version could not be built:" >&2
        echo "$problem" | tail -n 3 >&2
        exit 0
    fi
fi
exec "$tool" "$@"
