#!/usr/bin/env bash
# Installs what the tests need beyond cargo's own dependencies, every version pinned:
#   all tools of tools/setup.sh
#   npm packages of package-lock.json: official clients, inspector, conformance suite, dynalite, Node.js 22
#   Python packages of clients/python/requirements.txt: official clients
#   cargo-deny, as .cargo-deny/bin/cargo-deny
#   Debian packages: an emulator of arm64, a library that sets a program's clock, a tracer of system calls, proxies, and `ip`
# `setup.sh moto` installs moto/requirements.txt alone: an S3 server with IAM, for `make soak`.
# Quick when nothing changed. Fails with the name of what is missing.
set -euo pipefail
cd "$(dirname "$0")"
source ../tools/pinned.sh

# Node.js 22 itself is one of the packages; any Node.js with npm can install them.
node_packages() {
  need npm "install Node.js 20 or later"
  once node_modules/.installed package-lock.json npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  local node version
  node=$(./node.sh) || fail "no Node.js 22.19 or later"
  version=$("$node" --version)
  echo "setup: node $version"
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
  local packages=(qemu-user-static libc6-arm64-cross libgcc-s1-arm64-cross libfaketime strace nginx haproxy iproute2)
  if dpkg-query -W "${packages[@]}" >/dev/null 2>&1; then return; fi
  command -v apt-get >/dev/null || fail "qemu-aarch64-static, an arm64 glibc, libfaketime, strace, nginx, haproxy or iproute2 is missing; Debian has: ${packages[*]}"
  ((UID == 0)) || fail "packages are missing; run as root: apt-get install --no-install-recommends ${packages[*]}"
  echo "setup: apt-get install ${packages[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

case ${1:-all} in
  moto) python_packages moto/.venv moto/requirements.txt ;;
  all)
    ../tools/setup.sh all
    node_packages
    python_packages .venv clients/python/requirements.txt
    cargo_deny
    debian_packages
    ;;
  *) fail "tests/setup.sh: unknown part '$1'; expected moto or all" ;;
esac
