#!/usr/bin/env bash
# `npm test`: all set-up, all checks, all tests. Ends with the line "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

require_node
install_modules
# Network namespaces for live captures; a browser for the page.
require_packages 'the live tests' iproute2
command -v chromium >/dev/null || command -v google-chrome >/dev/null || require_packages 'the browser tests' chromium

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# check NAME: one of package.json's scripts, counted as one test.
check() {
  say "$1"
  if npm run --silent "$1"; then echo pass >"$reports/$1.check"; else echo fail >"$reports/$1.check"; fi
}

# suite NAME [OPTION...]: one of vitest's projects, each of its tests counted.
suite() {
  say "$1 tests"
  npx --no-install vitest run --project "$@" --reporter=default --reporter=json --outputFile.json="$reports/$1.json"
}

check build
# None of these needs another.
for name in types lint imports; do check $name & done
wait
suite unit
# Much of these is waiting for processes.
suite e2e --maxWorkers=3
suite browser
grep -qs pass "$reports/build.check" && touch dist/.built

node scripts/sum-tests.mjs "$reports" unit e2e browser
