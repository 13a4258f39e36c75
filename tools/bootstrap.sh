#!/usr/bin/env bash
# Builds the program that Lambda runs, for one architecture, and prints its path.
#   bootstrap.sh ARCHITECTURE     x86_64 or arm64, as Lambda names them
# Builds the host's package alone: with other packages cargo would unify features and link the compiler in.
# The program is static, and may lie at any address (ADR 53). Rust brings musl and the linker; zig compiles C.
# PROFILE names a cargo profile other than `lambda`, BINARY a program of the host other than `bootstrap`.
set -euo pipefail
cd "$(dirname "$0")/.."

# A target folder of its own: other flags compile the same crates.
readonly OUT=target/lambda

# The names of functions say all of their types, so that tools/order.ld can tell them apart.
compile=(-Csymbol-mangling-version=v0)
# Functions of one content are one, addresses are relocated by their differences, and what a start runs is together.
link=(
  -Clinker=rust-lld -Clinker-flavor=ld.lld
  -Clink-arg=--icf=all -Clink-arg=-zpack-relative-relocs -Clink-arg=-O2 "-Clink-arg=$PWD/tools/order.ld"
)
case ${1:-} in
  x86_64)
    target=x86_64-unknown-linux-musl
    ;;
  arm64)
    target=aarch64-unknown-linux-musl
    # Rust would link a program for one fixed address.
    compile+=(-Crelocation-model=pic)
    libc=$(rustc --print target-libdir --target "$target")/self-contained
    link+=(
      -Clink-self-contained=no "-Clink-arg=-L$libc" "-Clink-arg=$libc/rcrt1.o"
      -Clink-arg=-pie -Clink-arg=--no-dynamic-linker -Clink-arg=-ztext
    )
    ;;
  *)
    echo "bootstrap.sh: unknown architecture '${1:-}'; expected x86_64 or arm64" >&2
    exit 2
    ;;
esac
profile=${PROFILE:-lambda}
binary=${BINARY:-bootstrap}
# Only a profiler needs names; this linker keeps them where a profile says `strip = true`.
if [[ $profile != profiling ]]; then link+=(-Clink-arg=--strip-all); fi

if [[ ! -x tools/.venv/bin/python-zig ]]; then
  echo "bootstrap.sh: tools/.venv is missing; run \`tools/setup.sh linker\`" >&2
  exit 1
fi
program=$OUT/$target/$profile/$binary
# cargo does not know what the linker reads.
if [[ tools/order.ld -nt $program ]]; then touch "host/src/bin/$binary.rs"; fi
export "CC_${target//-/_}=$PWD/tools/musl-cc"
export CARGO_ENCODED_RUSTFLAGS
CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f' && echo "${compile[*]}")
cargo rustc --locked --package toolcell-host --bin "$binary" \
  --profile "$profile" --target "$target" --target-dir "$OUT" -- "${link[@]}" >&2
echo "$program"
