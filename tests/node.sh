#!/usr/bin/env bash
# Prints the path of the Node.js that the tests use: the pinned one, or the system's if npm has none for this machine
# and the system's is recent enough (the conformance suite and the inspector need 22.19).
set -euo pipefail
cd "$(dirname "$0")"

recent='const [major, minor] = process.versions.node.split(".").map(Number);
process.exit(major > 22 || (major === 22 && minor >= 19) ? 0 : 1)'

for node in "$PWD/node_modules/.bin/node" "$(command -v node || true)"; do
  if [[ -x $node ]] && "$node" -e "$recent"; then
    echo "$node"
    exit 0
  fi
done
echo "node.sh: Node.js 22.19 or later is needed and was not found" >&2
exit 1
