#!/usr/bin/env bash
# Fuzzes targets, one after the other: run.sh [TARGET...]; all of them unless some are named. `make fuzz` calls it after
# `tools/setup.sh fuzz`.
#   FUZZ_RUNS       executions of each target; 10,000,000 unless set, and 1,000,000 where each one runs a guest
#   FUZZ_SANITIZER  none, or address, which is slower and finds faults in unsafe code
# New inputs that reach new code are kept in fuzz/grown/TARGET, which git ignores; inputs that fail in
# fuzz/artifacts/TARGET. The last lines say how many places (edges) of the code each target reached, and which share of
# each module's lines all inputs together run.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly GUESTS=(echo)
readonly SANITIZER=${FUZZ_SANITIZER:-none}
# The code is built as it is shipped, without cfg(fuzzing): some libraries skip checks under it.
readonly BUILD=(--fuzz-dir fuzz --sanitizer "$SANITIZER" --no-cfg-fuzzing --codegen-units 16)
# A sanitizer is an option of the nightly compiler; the pinned one takes it, too.
if [[ $SANITIZER != none ]]; then export RUSTC_BOOTSTRAP=1; fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT

targets=("$@")
if ((${#targets[@]} == 0)); then mapfile -t targets < <(sed -n 's/^name = "\(.*\)"$/\1/p' fuzz/Cargo.toml | tail -n +2); fi

# Prints the number of executions of a target.
runs() {
  if [[ -n ${FUZZ_RUNS:-} ]]; then echo "$FUZZ_RUNS"; elif [[ " ${GUESTS[*]} " == *" $1 "* ]]; then echo 1000000; else echo 10000000; fi
}

summary=()
for target in "${targets[@]}"; do
  grown=fuzz/grown/$target
  mkdir -p "$grown"
  echo "== fuzz $target"
  tools/.fuzz/bin/cargo-fuzz fuzz run "${BUILD[@]}" "$target" "$grown" "fuzz/corpus/$target" -- \
    -runs="$(runs "$target")" -timeout=20 -print_final_stats=1 -verbosity=1 2>&1 | tee "$log" | grep -Ev '^#.*(NEW|REDUCE)'
  edges=$(sed -nE 's/^#.* cov: ([0-9]+) .*/\1/p' "$log" | tail -n 1)
  executions=$(sed -nE 's/^stat::number_of_executed_units: *([0-9]+)/\1/p' "$log")
  summary+=("fuzz $target: $executions executions, $edges edges reached, nothing failed")
done
fuzz/coverage.sh
printf '%s\n' "${summary[@]}"
