#!/usr/bin/env bash
# Starts `toolcell serve` for a configuration on a free port, runs a command with the server's URL as its last
# argument, and stops the server.
#   with-server.sh CONFIG COMMAND...
# The server's log goes to target/test-logs/. TOOLCELL names another binary than target/debug/toolcell.
set -euo pipefail

config=$1
shift
root=$(cd "$(dirname "$0")/.." && pwd)
toolcell=${TOOLCELL:-$root/target/debug/toolcell}
mkdir -p "$root/target/test-logs"
log=$root/target/test-logs/serve-$$.log

# Loading includes compiling every component, which takes a while in a debug build.
ready_seconds=120

"$toolcell" serve --config "$config" --listen 127.0.0.1:0 >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null && wait "$server" || true' EXIT

url=
for ((tenth = 0; tenth < ready_seconds * 10; tenth++)); do
  url=$(grep -o -m 1 'http://[^ "]*/mcp' "$log" || true)
  [[ -z $url ]] || break
  if ! kill -0 "$server" 2>/dev/null; then
    echo "with-server: the server ended before it was ready:" >&2
    cat "$log" >&2
    exit 1
  fi
  sleep 0.1
done
if [[ -z $url ]]; then
  echo "with-server: no URL in $log after $ready_seconds seconds" >&2
  exit 1
fi

"$@" "$url"

if ! kill -0 "$server" 2>/dev/null; then
  echo "with-server: the server did not survive: $log" >&2
  exit 1
fi
