#!/usr/bin/env bash
# Installs the tools that build toolcell, its plugins and its packages, every version pinned:
#   setup.sh rust        the toolchain of rust-toolchain.toml, through rustup: enough for `make serve`
#   setup.sh linker      Rust, and zig to compile C for Lambda: enough for `make package`
#   setup.sh languages   the linker, and compilers of plugins in tools/.bin: zig for C, C++ and Zig, and go;
#                        `toolcell build` installs what else a plugin pins
#   setup.sh sam         the SAM CLI, as tools/sam/.venv/bin/sam
#   setup.sh all         all of these
#   setup.sh fuzz        the compiler's programs that measure coverage
# Quick when nothing changed. Fails with the name of what is missing.
set -euo pipefail
cd "$(dirname "$0")"
source ./pinned.sh

rust() {
  need cc "install a C compiler and linker"
  need make "install it"
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

linker() {
  rust
  python_packages .venv requirements.txt
}

languages() {
  linker
  python_packages languages/.venv languages/requirements.txt
  mkdir -p .bin
  ln -sfn ../.venv/bin/python-zig .bin/zig
  ln -sfn ../languages/.venv/bin/go .bin/go
}

sam() {
  python_packages sam/.venv sam/requirements.txt
}

fuzz() {
  local channel installed
  rust
  need c++ "install a C++ compiler; libFuzzer is written in C++"
  channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' ../rust-toolchain.toml)
  installed=$(rustup component list --installed --toolchain "$channel")
  grep -q '^llvm-tools' <<<"$installed" || rustup component add llvm-tools --toolchain "$channel"
}

case ${1:-} in
  rust | linker | languages | sam | fuzz) "$1" ;;
  all)
    languages
    sam
    ;;
  *) fail "tools/setup.sh: unknown part '${1:-}'; expected rust, linker, languages, sam, fuzz or all" ;;
esac
