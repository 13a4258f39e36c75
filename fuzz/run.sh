#!/usr/bin/env bash
# Fuzzes targets, one after the other: run.sh [TARGET...]; all of them unless some are named. `make fuzz` calls it after
# `tools/setup.sh fuzz`.
#   FUZZ_RUNS   executions of each target; 10,000,000 unless set, and 1,000,000 where each one may run the engine
# New inputs that reach new code are kept in fuzz/grown/TARGET, which git ignores; inputs that fail in
# fuzz/artifacts/TARGET. The last lines say which share of each module's lines all inputs together run, and how many
# places (edges) of our code each target reached.
set -euo pipefail
cd "$(dirname "$0")/.."

# The reader of components compiles the beginning of each one that has imports.
readonly WITH_ENGINE=(component echo)
readonly TARGETS=($(sed -nE 's/.*Target \{ name: "([a-z]+)".*/\1/p' tests/src/fuzz/mod.rs))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Builds the program of the fuzzer, and prints its path. Only our own code is instrumented; crates that take part in its
# speed are optimized, all others are those of `cargo test`.
build() {
  cargo build --locked --release --manifest-path fuzz/Cargo.toml --message-format json >"$work/libfuzzer"
  LIBFUZZER=$(sed -nE 's/.*libfuzzer-sys.*"out_dir":"([^"]*)".*/\1/p' "$work/libfuzzer") CARGO_INCREMENTAL=0 \
    RUSTC_WORKSPACE_WRAPPER=$PWD/fuzz/edges.sh cargo test --locked --workspace --config fuzz/optimized.toml \
    --features toolcell-tests/fuzz --test fuzz --no-run 2>&1 | tee "$work/program" >&2
  sed -nE 's/.*Executable .*\((.*)\)$/\1/p' "$work/program"
}

# Prints the number of executions of a target.
runs() {
  if [[ -n ${FUZZ_RUNS:-} ]]; then echo "$FUZZ_RUNS"; elif [[ " ${WITH_ENGINE[*]} " == *" $1 "* ]]; then echo 1000000; else echo 10000000; fi
}

# Prints the words in a target's corpus as a dictionary of libFuzzer.
words() {
  LC_ALL=C grep -aohE '[[:alnum:]][[:alnum:]./_:-]{2,30}' fuzz/corpus/"$1"/* | sort -u | sed 's/.*/"&"/' || true
}

# Fuzzes a target: fuzz PROGRAM TARGET
fuzz() {
  local grown=fuzz/grown/$2 artifacts=fuzz/artifacts/$2
  mkdir -p "$grown" "$artifacts"
  words "$2" >"$work/words"
  TOOLCELL_FUZZ=$2 "$1" "$grown" "fuzz/corpus/$2" -runs="$(runs "$2")" -dict="$work/words" -artifact_prefix="$artifacts/" \
    -max_len=4096 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 2>&1 | tee "$work/log" | grep -Ev '^#.*(NEW|REDUCE)'
}

targets=("$@")
if ((${#targets[@]} == 0)); then targets=("${TARGETS[@]}"); fi
for target in "${targets[@]}"; do
  if [[ " ${TARGETS[*]} " != *" $target "* ]]; then
    echo "fuzz: unknown target '$target'; expected one of ${TARGETS[*]}" >&2
    exit 1
  fi
done

program=$(build)
summary=()
for target in "${targets[@]}"; do
  echo "== fuzz $target"
  if ! fuzz "$program" "$target"; then
    echo "fuzz: $target failed. Copy its input from fuzz/artifacts/$target to fuzz/corpus/$target under a telling name;" \
      "\`cargo test --workspace --test corpus\` then runs it." >&2
    exit 1
  fi
  edges=$(sed -nE 's/^#.* cov: ([0-9]+) .*/\1/p' "$work/log" | tail -n 1)
  executions=$(sed -nE 's/^stat::number_of_executed_units: *([0-9]+)/\1/p' "$work/log")
  summary+=("fuzz $target: $executions executions, $edges edges reached, nothing failed")
done
fuzz/coverage.sh
printf '%s\n' "${summary[@]}"
