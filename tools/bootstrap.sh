#!/usr/bin/env bash
# Builds the program that Lambda runs, for one architecture, and prints its path.
#   bootstrap.sh ARCHITECTURE     x86_64 or arm64, as Lambda names them
# Builds the host's package alone: with other packages cargo would unify features and link the compiler in.
# Zig links the program against the glibc of Amazon Linux 2023, whatever this machine has (ADR 16).
# PROFILE names a cargo profile other than `release`, BINARY a program of the host other than `bootstrap`.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly GLIBC=2.34 # of provided.al2023
# A target folder of its own: cargo does not notice that another linker linked the same program.
readonly OUT=target/lambda

case ${1:-} in
  x86_64) target=x86_64-unknown-linux-gnu ;;
  arm64) target=aarch64-unknown-linux-gnu ;;
  *)
    echo "bootstrap.sh: unknown architecture '${1:-}'; expected x86_64 or arm64" >&2
    exit 2
    ;;
esac
profile=${PROFILE:-release}
binary=${BINARY:-bootstrap}

if [[ ! -x tools/.venv/bin/cargo-zigbuild ]]; then
  echo "bootstrap.sh: tools/.venv is missing; run \`tools/setup.sh linker\`" >&2
  exit 1
fi
PATH=$PWD/tools/.venv/bin:$PATH
cargo-zigbuild zigbuild --locked --package toolcell-host --bin "$binary" \
  --profile "$profile" --target "$target.$GLIBC" --target-dir "$OUT" >&2
echo "$OUT/$target/$profile/$binary"
