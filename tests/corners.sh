#!/usr/bin/env bash
# Builds the plugins of tests/corners, whose sources go where the toolchain of their language goes wrong by itself, and
# runs their cases. Needs Node.js with npm, and Python; `toolcell build` installs the rest.
#   corners.sh [PLUGIN...]
set -euo pipefail
cd "$(dirname "$0")/.."

toolcell=$(realpath "${TOOLCELL:-target/debug/toolcell}")
node=$(realpath "$(tests/node.sh)")
PATH=$(dirname "$node"):$PATH

fail() {
  echo "corners: $*" >&2
  exit 1
}

chosen=("$@")
if ((${#chosen[@]} == 0)); then
  for manifest in tests/corners/*/plugin.toml; do chosen+=("$(basename "$(dirname "$manifest")")"); done
fi
cases=0
for plugin in "${chosen[@]}"; do
  cd "tests/corners/$plugin"
  built=$("$toolcell" build 2>&1) || fail "$plugin: \`toolcell build\` fails: $built"
  played=$("$toolcell" test 2>&1) || fail "$plugin: a case fails: $played"
  passed=$(tail -n 1 <<<"$played" | sed -n 's/^\([0-9]*\) passed, 0 failed$/\1/p')
  ((${passed:-0} > 0)) || fail "$plugin: no cases"
  cases=$((cases + passed))
  echo "corners: $plugin: $passed cases"
  cd ../../..
done
echo "corners: ${#chosen[@]} plugins, $cases cases"
