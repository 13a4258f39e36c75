#!/usr/bin/env bash
# Builds the sample plugins in every language, runs their unit tests and their golden cases, expects no findings of
# `toolcell check`, and compares the entries of `tools/list` in their READMEs. The last lines count.
#   samples.sh [PLUGIN...]
set -euo pipefail
cd "$(dirname "$0")/.."

toolcell=$(realpath "${TOOLCELL:-target/debug/toolcell}")
node=$(realpath "$(tests/node.sh)")
PATH=$PWD/tools/.bin:$(dirname "$node"):$PATH

fail() {
  echo "samples: $*" >&2
  exit 1
}

# Runs the unit tests of the plugin in this folder as its language does; cargo runs Rust's for the whole workspace.
unit_tests() {
  case $1 in
    rust) return ;;
    c | cpp) make --no-print-directory test ;;
    zig) zig build test ;;
    go) go vet ./... && go test ./... ;;
    js | ts) node --test ;;
    python) PYTHONPATH=src:target/toolcell/bindings .venv/bin/python -m unittest discover tests ;;
    *) fail "no unit tests for language '$1'" ;;
  esac
}

# Runs a command, and shows its output only if it fails.
quietly() {
  local output
  output=$("$@" 2>&1) || fail "$plugin: \`$*\` fails: $output"
}

chosen=("$@")
if ((${#chosen[@]} == 0)); then
  "$toolcell" build --config plugins/toolcell.toml --target host --out target/samples-bundle >/dev/null
  for manifest in plugins/*/plugin.toml; do chosen+=("$(basename "$(dirname "$manifest")")"); done
fi
cases=0
entries=0
for plugin in "${chosen[@]}"; do
  cd "plugins/$plugin"
  language=$(sed -n 's/^language = "\(.*\)"/\1/p' plugin.toml)
  [[ -n $language ]] || fail "$plugin: plugin.toml names no language"
  quietly unit_tests "$language"
  played=$("$toolcell" test 2>&1) || fail "$plugin: a case fails: $played"
  passed=$(tail -n 1 <<<"$played" | sed -n 's/^\([0-9]*\) passed, 0 failed$/\1/p')
  ((${passed:-0} > 0)) || fail "$plugin: no cases"
  quietly "$toolcell" check .
  shown=$("$toolcell" inspect . --json | python3 ../../tests/readme_entries.py .) || fail "$plugin: the README is out of date"
  cases=$((cases + passed))
  entries=$((entries + shown))
  echo "samples: $plugin, in $language: $passed cases"
  cd ../..
done
((entries > 0 || $# > 0)) || fail "no README shows an entry of tools/list"
echo "samples: READMEs show $entries entries of tools/list"
echo "samples: ${#chosen[@]} sample plugins, $cases cases"
