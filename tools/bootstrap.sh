#!/usr/bin/env bash
# Builds the program that Lambda runs, for one architecture, and prints its path.
#   bootstrap.sh ARCHITECTURE     x86_64 or arm64, as Lambda names them
# Only the host's package is named to cargo: with others, features would be unified and the compiler linked in.
# Zig links it against symbols of the glibc of Amazon Linux 2023, whatever this machine has (docs/adr/0016).
# PROFILE names another of cargo's profiles than `release`, BINARY another program of the host than `bootstrap`.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly GLIBC=2.34 # of provided.al2023
# Its own place: cargo does not notice that the same program was linked by another linker.
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
  echo "bootstrap.sh: tools/.venv is missing; run \`tests/setup.sh linker\`" >&2
  exit 1
fi
PATH=$PWD/tools/.venv/bin:$PATH
cargo-zigbuild zigbuild --locked --package toolcell-host --bin "$binary" \
  --profile "$profile" --target "$target.$GLIBC" --target-dir "$OUT" >&2
echo "$OUT/$target/$profile/$binary"
