#!/usr/bin/env bash
# Runs a story with every client against one server.
#   all.sh samples|conformance URL|stdio:CONFIG
set -euo pipefail
cd "$(dirname "$0")"

node=$(../node.sh)
for client in typescript typescript-v1 inspector connect; do "$node" "$client.mjs" "$@"; done
for client in with_mcp with_fastmcp; do ../.venv/bin/python "python/$client.py" "$@"; done
