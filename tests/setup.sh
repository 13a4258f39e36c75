#!/usr/bin/env bash
# Checks and installs what the tests need beyond cargo's own dependencies, every version pinned:
#   the Rust toolchain and targets of rust-toolchain.toml, the npm packages of tests/package-lock.json
#   (official clients, inspector, conformance suite, Node 22), the Python packages of
#   tests/clients/python/requirements.txt, tools/requirements.txt (zig), tools/languages/requirements.txt (Go),
#   tests/sam/requirements.txt (SAM), and Debian's emulator of arm64 and its library that sets a program's clock.
# Quick when nothing changed. Fails with the name of what is missing. `setup.sh rust` stops after the toolchain,
# `setup.sh linker` after zig, which builds for Lambda, `setup.sh languages` after the compilers of plugins;
# `setup.sh sam` installs SAM alone.
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

# Installs exactly the packages of a file into a virtual environment: python_packages VENV REQUIREMENTS
python_packages() {
  local venv=$1 requirements=$2
  need python3 "install Python 3.11 or later with its venv module"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$(python3 --version) is too old; 3.11 is needed"
  [[ -x $venv/bin/python ]] || python3 -m venv "$venv" || fail "python3 -m venv failed; install its venv module"
  once "$venv/.installed" "$requirements" \
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
    -r "$requirements"
}

# Debian's emulator of arm64, with a glibc for it, and its library that sets a program's clock. Debian's own versions:
# what is tested are our instructions and our clocks, not these.
debian_packages() {
  local packages=(qemu-user-static libc6-arm64-cross libgcc-s1-arm64-cross libfaketime)
  if dpkg-query -W "${packages[@]}" >/dev/null 2>&1; then return; fi
  command -v apt-get >/dev/null || fail "qemu-aarch64-static, an arm64 glibc or libfaketime is missing; Debian has: ${packages[*]}"
  ((UID == 0)) || fail "packages are missing; run as root: apt-get install --no-install-recommends ${packages[*]}"
  echo "setup: apt-get install ${packages[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
}

# Compilers of plugins, in tools/.bin under the names that `toolcell build` looks for.
languages() {
  python_packages ../tools/languages/.venv ../tools/languages/requirements.txt
  mkdir -p ../tools/.bin
  ln -sfn ../.venv/bin/python-zig ../tools/.bin/zig
  ln -sfn ../languages/.venv/bin/go ../tools/.bin/go
}

sam() {
  python_packages sam/.venv sam/requirements.txt
}

if [[ ${1:-all} == sam ]]; then
  sam
  exit
fi
need cc "install a C compiler and linker"
need make "install it"
rust
# `make serve` needs no more than that.
if [[ ${1:-all} == rust ]]; then exit; fi
python_packages ../tools/.venv ../tools/requirements.txt
# `make package` needs no more than that.
if [[ ${1:-all} == linker ]]; then exit; fi
languages
# `toolcell build` of a plugin needs no more than that: it installs what the plugin pins.
if [[ ${1:-all} == languages ]]; then exit; fi
node_packages
python_packages .venv clients/python/requirements.txt
sam
debian_packages
