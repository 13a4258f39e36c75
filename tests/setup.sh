#!/usr/bin/env bash
# Installs what the tests need beyond cargo's own dependencies, every version pinned:
#   all tools of tools/setup.sh
#   npm packages of package-lock.json: official clients, inspector, conformance suite, dynalite, Node.js 22
#   npm packages of clients/oauth/package-lock.json: an authorization server
#   npm packages of clients/converters and clients/versions/npm-old: client libraries
#   npm packages of workbench/package-lock.json: a browser's driver, an accessibility checker
#   Python packages of clients/python/requirements.txt: official clients
#   cargo-deny, as .cargo-deny/bin/cargo-deny
#   Debian packages: an emulator of arm64, a library that sets a program's clock, a tracer of system calls, proxies, `ip`,
#     Chromium
# `setup.sh moto` installs moto/requirements.txt alone: an S3 server with IAM, for `make soak`.
# `setup.sh clients` installs all libraries of clients/converters and clients/versions alone, for `make matrix`.
# Quick when nothing changed. Fails with the name of what is missing.
set -euo pipefail
cd "$(dirname "$0")"
source ../tools/pinned.sh

# Node.js 22 itself is one of the packages; any Node.js with npm can install them.
node_packages() {
  need npm "install Node.js 20 or later"
  once node_modules/.installed package-lock.json npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  npm_clients oauth
  once workbench/node_modules/.installed workbench/package-lock.json \
    npm ci --prefix workbench --ignore-scripts --no-audit --no-fund --loglevel=error
  local node version
  node=$(./node.sh) || fail "no Node.js 22.19 or later"
  version=$("$node" --version)
  echo "setup: node $version"
}

# Installs client libraries of npm: npm_clients FOLDER...
npm_clients() {
  local folder
  for folder in "$@"; do
    once "clients/$folder/node_modules/.installed" "clients/$folder/package-lock.json" \
      npm ci --prefix "clients/$folder" --ignore-scripts --no-audit --no-fund --loglevel=error
  done
}

# Installs client libraries of PyPI, each folder with its own environment: pypi_clients FOLDER...
pypi_clients() {
  local folder
  for folder in "$@"; do python_packages "clients/$folder/.venv" "clients/$folder/requirements.txt"; done
}

# Takes llama.cpp's converter out of the archive of sources, which is not built.
llama_sources() {
  local folder=clients/converters/llama
  once "$folder/.sources/.installed" "$folder/requirements.txt" unpack_llama "$folder"
}

unpack_llama() {
  local folder=$1
  rm -rf "$folder/.sources"
  mkdir -p "$folder/.sources"
  .venv/bin/pip download --quiet --disable-pip-version-check --no-deps --no-binary llama-cpp-python --require-hashes \
    --dest "$folder/.sources" --requirement "$folder/requirements.txt"
  tar -xzf "$folder"/.sources/*.tar.gz -C "$folder/.sources" --strip-components=1 --wildcards '*/llama_cpp/llama_grammar.py'
  rm "$folder"/.sources/*.tar.gz
}

# Builds it without optimisation: it runs for some seconds, and an optimised build takes many times longer.
cargo_deny() {
  local version=0.20.2
  if [[ $(.cargo-deny/bin/cargo-deny --version 2>/dev/null) == "cargo-deny $version" ]]; then return; fi
  echo "setup: cargo install cargo-deny --version $version"
  cargo install cargo-deny --version "$version" --locked --quiet --profile dev --root .cargo-deny
}

# Takes the versions that Debian has: the tests are about our instructions, clocks and answers, not about these programs.
debian_packages() {
  local packages=(qemu-user-static libfaketime strace nginx haproxy iproute2 chromium)
  if dpkg-query -W "${packages[@]}" >/dev/null 2>&1; then return; fi
  command -v apt-get >/dev/null || fail "qemu-aarch64-static, libfaketime, strace, nginx, haproxy, iproute2 or chromium is missing; Debian has: ${packages[*]}"
  ((UID == 0)) || fail "packages are missing; run as root: apt-get install --no-install-recommends ${packages[*]}"
  echo "setup: apt-get install ${packages[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

case ${1:-all} in
  moto) python_packages moto/.venv moto/requirements.txt ;;
  clients)
    npm_clients converters versions/npm-old versions/npm-new
    pypi_clients converters converters/langchain versions/2025-05 versions/2025-06 versions/newest
    llama_sources
    ;;
  all)
    ../tools/setup.sh all
    node_packages
    npm_clients converters versions/npm-old
    python_packages .venv clients/python/requirements.txt
    cargo_deny
    debian_packages
    ;;
  *) fail "tests/setup.sh: unknown part '$1'; expected moto, clients or all" ;;
esac
