#!/usr/bin/env bash
# Makes a new plugin in every language, and uses it as its README says: runs each line of the README's first block
# except those that serve, and compares the answer of the call with the README's. `LANGUAGE+http` stands for
# `toolcell new --with http`, whose call would need the network.
#   languages.sh [LANGUAGE|LANGUAGE+http...]
set -euo pipefail
cd "$(dirname "$0")/.."

# Of those with requests, two: the others take longer, and differ by their sources alone.
readonly LANGUAGES=(rust c cpp zig go js ts python rust+http c+http)
readonly ANSWER='{"each":3666,"rest":2}'
root=$PWD
# A registry that is slow cannot fail what the cache has.
export npm_config_prefer_offline=true
toolcell=$(realpath "${TOOLCELL:-target/debug/toolcell}")

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin"
ln -s "$toolcell" "$folder/bin/toolcell"
# Node.js 22 reads TypeScript; an older one would find no tests.
node=$(realpath "$(tests/node.sh)")
PATH=$folder/bin:$root/tools/.bin:$(dirname "$node"):$PATH

fail() {
  echo "languages: $*" >&2
  exit 1
}

# Prints the commands of a README: its first block of shell, without comments and without commands that serve.
commands() {
  awk '/^```sh$/ { on = 1; next } /^```$/ { if (on) exit } on' "$1" |
    sed -E 's/ +# .*//; /^ *#/d; /^ *$/d; /^toolcell (dev|serve)/d'
}

# Runs one command of a README, and shows its output only if it fails.
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
  name=new-${language/+/-}
  with=()
  if [[ $language == *+http ]]; then with=(--with http); fi
  toolcell new "$name" --lang "${language%+*}" "${with[@]}" >/dev/null
  cd "$name"
  commands README.md >"$folder/commands"
  for needed in 'toolcell build' 'toolcell call' 'toolcell test'; do
    grep -q "^$needed" "$folder/commands" || fail "$language: the README does not say \`$needed\`"
  done
  if [[ $language == *+http ]]; then sed -i '/^toolcell call /d' "$folder/commands"; fi
  while read -r command; do
    run "$command" </dev/null
    ran=$((ran + 1))
  done <"$folder/commands"
  toolcell check . >"$folder/findings" || fail "$language: \`toolcell check\` finds: $(<"$folder/findings")"
  echo "languages: $language: as its README says, in $((SECONDS - started)) s"
done
echo "languages: ${#chosen[@]} new plugins, $ran commands of their READMEs"
