#!/usr/bin/env bash
# Prints which share of the lines of each module the inputs of the fuzzer run: those of fuzz/corpus, and those that
# `make fuzz` has kept in fuzz/grown. Only our own code is built for it again: the dependencies are those of `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin
data=target/fuzz-coverage
rm -rf "$data"
mkdir -p "$data"
export RUSTC_WORKSPACE_WRAPPER=$PWD/fuzz/lines.sh
program=$(cargo test --locked --workspace --test corpus --no-run 2>&1 | sed -nE 's/.*Executable .*\((.*)\)$/\1/p')
(cd tests && TOOLCELL_CORPUS=grown LLVM_PROFILE_FILE=../$data/%p.profraw "../$program" --quiet)
"$tools/llvm-profdata" merge --sparse "$data"/*.profraw -o "$data/all"
"$tools/llvm-cov" report "$program" --instr-profile "$data/all" --sources host/src cli/src |
  awk '$1 ~ /\.rs$/ { split($1, path, "/"); n = $1 ~ /^host|^cli/ ? 3 : 1; name = path[n]; sub(/\.rs$/, "", name)
         module = path[1] "/src/" name; lines[module] += $8; missed[module] += $9 }
       END { for (module in lines) if (lines[module] > missed[module])
         printf "coverage %s: %.1f %% of %d lines\n", module, 100 * (1 - missed[module] / lines[module]), lines[module] }' | sort
