#!/usr/bin/env bash
# `npm start`: from a fresh clone to live traffic in the browser. Arguments go to `remora tap`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

require_node
install_modules
build_if_needed
# In place of this shell: signals reach remora itself.
exec node dist/cli/main.js tap --local --demo "$@"
