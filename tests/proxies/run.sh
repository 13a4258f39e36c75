#!/usr/bin/env bash
# Starts nginx and HAProxy in front of a server, and lets every official client make a quiet call through each of them.
#   run.sh short|whole URL
# The clients run side by side, because each of them only waits.
set -euo pipefail
cd "$(dirname "$0")"

case $1 in
  short) idle=4 QUIET_SECONDS=7 ;;
  whole) idle=10 QUIET_SECONDS=60 ;;
  *)
    echo "usage: run.sh short|whole URL" >&2
    exit 2
    ;;
esac
export QUIET_SECONDS
# The inspector's command line waits for one minute at most; no setting changes that.
readonly INSPECTOR_SECONDS=$((QUIET_SECONDS < 50 ? QUIET_SECONDS : 50))
server=$(sed -E 's|^http://([^/]+)/.*|\1|' <<<"$2")
folder=$(mktemp -d)
proxies=()

stop() {
  for proxy in "${proxies[@]}"; do kill "$proxy" 2>/dev/null && wait "$proxy" || true; done
  rm -rf "$folder"
}
trap stop EXIT

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start_nginx() {
  local port=$1
  cat >"$folder/nginx.conf" <<CONF
daemon off;
pid $folder/nginx.pid;
error_log $folder/nginx.log;
events {}
http {
  access_log off;
  client_body_temp_path $folder/body;
  proxy_temp_path $folder/proxy;
  fastcgi_temp_path $folder/fastcgi;
  uwsgi_temp_path $folder/uwsgi;
  scgi_temp_path $folder/scgi;
  server {
    listen 127.0.0.1:$port;
    location / {
      proxy_pass http://$server;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_read_timeout ${idle}s;
    }
  }
}
CONF
  /usr/sbin/nginx -c "$folder/nginx.conf" -e "$folder/nginx.log" &
  proxies+=($!)
}

start_haproxy() {
  local port=$1
  cat >"$folder/haproxy.cfg" <<CONF
defaults
  mode http
  timeout connect 5s
  timeout client ${idle}s
  timeout server ${idle}s
  timeout http-keep-alive 60s
frontend clients
  bind 127.0.0.1:$port
  default_backend toolcell
backend toolcell
  server toolcell $server
CONF
  /usr/sbin/haproxy -f "$folder/haproxy.cfg" -db &
  proxies+=($!)
}

# Waits until a proxy answers: ready NAME PORT
ready() {
  for ((tenth = 0; tenth < 100; tenth++)); do
    if curl -fs -o "$folder/health" "http://127.0.0.1:$2/healthz"; then return; fi
    sleep 0.1
  done
  echo "proxies: $1 does not answer" >&2
  exit 1
}

# Lets a function start as many environments as there are clients: those that start at once would take longer than a
# proxy waits.
warm_up() {
  local call='{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"sleep","arguments":{"milliseconds":3000}}}'
  local calls=() failed=0
  for _ in {1..10}; do
    curl -fsS -m 120 -o /dev/null -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' \
      -H 'mcp-protocol-version: 2025-11-25' -d "$call" "http://$server/mcp" &
    calls+=($!)
  done
  for call in "${calls[@]}"; do wait "$call" || failed=1; done
  return "$failed"
}

# Runs a command, and adds the proxy's name to each check that it prints: through NAME COMMAND...
through() {
  local name=$1
  shift
  "$@" 2>&1 | sed -E "s/^(ok|FAILED)  .*/&, through $name/"
}

# Runs every client through a proxy: clients NAME PORT
clients() {
  local name=$1 url=http://127.0.0.1:$2/mcp node running=() failed=0
  node=$(../node.sh)
  for client in typescript typescript-v1; do
    (through "$name" "$node" "../clients/$client.mjs" quiet "$url") &
    running+=($!)
  done
  (QUIET_SECONDS=$INSPECTOR_SECONDS through "$name" "$node" ../clients/inspector.mjs quiet "$url") &
  running+=($!)
  for client in with_mcp with_fastmcp; do
    (through "$name" ../.venv/bin/python "../clients/python/$client.py" quiet "$url") &
    running+=($!)
  done
  for client in "${running[@]}"; do wait "$client" || failed=1; done
  return "$failed"
}

nginx_port=$(free_port)
haproxy_port=$(free_port)
start_nginx "$nginx_port"
start_haproxy "$haproxy_port"
ready nginx "$nginx_port"
ready haproxy "$haproxy_port"
if [[ ${TOOLCELL_EDGE:-serve} == lambda ]]; then warm_up; fi
clients nginx "$nginx_port" &
nginx_clients=$!
clients haproxy "$haproxy_port" &
haproxy_clients=$!
failed=0
wait "$nginx_clients" || failed=1
wait "$haproxy_clients" || failed=1
exit "$failed"
