#!/usr/bin/env bash
# A new plugin in every language, made and used as its README says: each line of the README's first block is run, but
# for those that serve, and the call has to answer what the README says.
#   languages.sh [LANGUAGE...]
set -euo pipefail
cd "$(dirname "$0")/.."

readonly LANGUAGES=(rust c cpp zig go js ts python)
readonly ANSWER='{"each":3666,"rest":2}'
root=$PWD
toolcell=$(realpath "${TOOLCELL:-target/debug/toolcell}")

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin"
ln -s "$toolcell" "$folder/bin/toolcell"
# Node 22 reads TypeScript; an older one would find no test in it.
node=$(realpath "$(tests/node.sh)")
PATH=$folder/bin:$root/tools/.bin:$(dirname "$node"):$PATH

fail() {
  echo "languages: $*" >&2
  exit 1
}

# The commands of a README: its first block of shell, without what only explains and what serves until it is stopped.
commands() {
  awk '/^```sh$/ { on = 1; next } /^```$/ { if (on) exit } on' "$1" |
    sed -E 's/ +# .*//; /^ *#/d; /^ *$/d; /^toolcell (dev|serve)/d'
}

# Runs one command of a README, and shows what it says only if it fails.
run() {
  local output
  output=$(bash -euo pipefail -c "$1" 2>&1) || fail "$language: \`$1\` fails: $output"
  if [[ $1 == 'toolcell call '* && $output != "$ANSWER" ]]; then fail "$language: \`$1\` says $output"; fi
}

ran=0
chosen=("$@")
if ((${#chosen[@]} == 0)); then chosen=("${LANGUAGES[@]}"); fi
for language in "${chosen[@]}"; do
  started=$SECONDS
  cd "$folder"
  toolcell new "new-$language" --lang "$language" >/dev/null
  cd "new-$language"
  commands README.md >"$folder/commands"
  for needed in 'toolcell build' 'toolcell call' 'toolcell test'; do
    grep -q "^$needed" "$folder/commands" || fail "$language: the README does not say \`$needed\`"
  done
  while read -r command; do
    run "$command" </dev/null
    ran=$((ran + 1))
  done <"$folder/commands"
  toolcell check . >"$folder/findings" || fail "$language: \`toolcell check\` finds: $(<"$folder/findings")"
  echo "languages: $language: as its README says, in $((SECONDS - started)) s"
done
echo "languages: ${#chosen[@]} new plugins, $ran commands of their READMEs"
