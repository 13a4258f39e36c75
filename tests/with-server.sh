#!/usr/bin/env bash
# Starts a server for a configuration on a free port, runs a command with the server's URL as its last argument, and
# stops the server.
#   with-server.sh CONFIG COMMAND...
# TOOLCELL_EDGE=serve, the default, starts `toolcell serve`; TOOLCELL_EDGE=lambda starts `toolcell lambda` with
# target/debug/bootstrap; TOOLCELL_FORM then names its front end (function-url, the default, http-api, rest-api,
# rest-api-stream or alb). TOOLCELL_EDGE=stdio starts no server: the last argument is stdio:CONFIG, for clients that start
# `toolcell serve --stdio` themselves.
# With TOOLCELL_TOKEN the server requires this token, and the command must send it.
# The server's log goes to target/test-logs/. TOOLCELL names a binary other than target/debug/toolcell.
set -euo pipefail

config=$1
shift
root=$(cd "$(dirname "$0")/.." && pwd)
toolcell=${TOOLCELL:-$root/target/debug/toolcell}
edge=${TOOLCELL_EDGE:-serve}
mkdir -p "$root/target/test-logs"
log=$root/target/test-logs/$edge-$$.log
: >"$log" # the loop below reads it before the server has written a line

readonly STATE_KEY=for-the-tests-alone-0123456789abcdefghijklm

# A debug build takes a while to compile every component.
ready_seconds=120

stop() {
  if [[ -n ${server:-} ]]; then kill "$server" 2>/dev/null && wait "$server" || true; fi
  rm -f "${copy:-}"
}
trap stop EXIT

# Tells whether something listens on a port.
taken() {
  (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# The copy is in the same folder as the configuration, because its paths start there.
copy=$(mktemp "$(dirname "$config")/.with-server-XXXXXX.toml")
cat "$config" >"$copy"
if [[ -n ${TOOLCELL_TOKEN:-} ]]; then
  digest=$(printf %s "$TOOLCELL_TOKEN" | sha256sum | cut -d ' ' -f 1)
  printf '\n[auth.bearer.principals.tests]\ntokens = ["sha256:%s"]\n' "$digest" >>"$copy"
fi

port=0
case $edge in
  serve) arguments=(serve) ;;
  stdio)
    # Compiles everything before a client waits for it, and shows that the command ends with its input.
    if ! "$toolcell" serve --stdio --config "$copy" </dev/null >"$log" 2>&1; then
      cat "$log" >&2
      exit 1
    fi
    "$@" "stdio:$(realpath "$copy")"
    exit
    ;;
  lambda)
    # Unlike the local server, a function does not make a key for request states.
    arguments=(lambda --bootstrap "$root/target/debug/bootstrap" --timeout 120s --env TOOLCELL_STATE_KEYS="$STATE_KEY")
    arguments+=(--edge "${TOOLCELL_FORM:-function-url}")
    # A function allows only listed origins, so this lists those of the server and of the proxy in front of it
    # (conformance/with-token.mjs). Their ports are below those that the system assigns.
    port=$((20000 + RANDOM % 10000))
    while taken "$port" || taken "$((port + 1))"; do port=$((20000 + RANDOM % 10000)); done
    export PROXY_PORT=$((port + 1))
    # A configuration with a table [http] ends with it.
    grep -qx '\[http\]' "$copy" || printf '\n[http]\n' >>"$copy"
    printf 'allowed-origins = ["http://%s:%d", "http://%s:%d", "http://%s:%d", "http://%s:%d"]\n' \
      localhost "$port" 127.0.0.1 "$port" localhost "$PROXY_PORT" 127.0.0.1 "$PROXY_PORT" >>"$copy"
    ;;
  *)
    echo "with-server: TOOLCELL_EDGE is '$edge', expected serve, lambda or stdio" >&2
    exit 2
    ;;
esac
"$toolcell" "${arguments[@]}" --config "$copy" --listen "127.0.0.1:$port" >"$log" 2>&1 &
server=$!

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
