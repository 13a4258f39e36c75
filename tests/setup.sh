#!/usr/bin/env bash
# Checks and installs what the tests need beyond cargo's own dependencies, every version pinned:
#   the Rust toolchain and targets of rust-toolchain.toml, the npm packages of tests/package-lock.json
#   (official clients, inspector, conformance suite, Node 22), the Python packages of
#   tests/clients/python/requirements.txt.
# Quick when nothing changed. Fails with the name of what is missing. `setup.sh rust` stops after the toolchain.
set -euo pipefail
cd "$(dirname "$0")"

fail() {
  echo "setup: $*" >&2
  exit 1
}

need() {
  command -v "$1" >/dev/null || fail "\`$1\` is missing; $2"
}

# Runs a command unless it already succeeded for this content of a file.
#   once STAMP FILE COMMAND...
once() {
  local stamp=$1 file=$2 sum
  shift 2
  sum=$(sha256sum <"$file")
  if [[ -f $stamp && $(<"$stamp") == "$sum" ]]; then return; fi
  echo "setup: $*"
  "$@"
  echo "$sum" >"$stamp"
}

rust() {
  need rustup "install it from https://rustup.rs"
  local channel target installed
  channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' ../rust-toolchain.toml)
  installed=$(rustup toolchain list)
  if ! grep -q "^$channel-" <<<"$installed"; then
    echo "setup: rustup toolchain install $channel"
    rustup toolchain install "$channel" --profile minimal --component clippy --component rustfmt
  fi
  installed=$(rustup target list --installed --toolchain "$channel")
  for target in $(sed -n 's/^targets = \[\(.*\)\]/\1/p' ../rust-toolchain.toml | tr -d '",'); do
    grep -qx "$target" <<<"$installed" || rustup target add "$target" --toolchain "$channel"
  done
}

# Node 22 itself is one of the packages; the system's Node only has to be able to install it.
node_packages() {
  need npm "install Node.js 20 or later"
  once node_modules/.installed package-lock.json npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  local node version
  node=$(./node.sh) || fail "no Node.js 22.19 or later"
  version=$("$node" --version)
  echo "setup: node $version"
}

python_packages() {
  need python3 "install Python 3.11 or later with its venv module"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$(python3 --version) is too old; 3.11 is needed"
  [[ -x .venv/bin/python ]] || python3 -m venv .venv || fail "python3 -m venv failed; install its venv module"
  once .venv/.installed clients/python/requirements.txt \
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    -r clients/python/requirements.txt
}

need cc "install a C compiler and linker"
need make "install it"
rust
# `make serve` needs no more than that.
if [[ ${1:-all} == rust ]]; then exit; fi
node_packages
python_packages
