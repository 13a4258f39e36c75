#!/usr/bin/env bash
# Runs every check that must pass before a change is merged, those that fail fastest first. The last line counts what
# ran. `make test` calls this script after it has built plugins and fixtures.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly WORKSPACES=(. plugins tests/fixtures tests/compare tests/type_matrix/rust)
readonly TOKEN=tct_for-the-tests-alone-0123456789abcdefghijklm
log=$(mktemp)
trap 'rm -f "$log"' EXIT
SECONDS=0

step() {
  echo
  echo "== $1"
  shift
  "$@"
}

# Runs a command in each of the workspaces.
each() {
  local workspace
  for workspace in "${WORKSPACES[@]}"; do (cd "$workspace" && "$@"); done
}

# Runs a command, and keeps its output for counting.
counted() {
  "$@" 2>&1 | tee -a "$log"
}

# Runs a command against each edge: the local server, the function in the Lambda emulator, and the same function when it
# requires a token.
at_each_edge() {
  TOOLCELL_EDGE=serve "$@"
  TOOLCELL_EDGE=lambda "$@"
  TOOLCELL_EDGE=lambda TOOLCELL_TOKEN=$TOKEN "$@" with_token
}

stories_on_lambda() {
  TOOLCELL_EDGE=lambda cargo test --locked --workspace --test stories -- --skip ::local:: --skip lambda:: --skip releases::
}

attacks_on_lambda() {
  TOOLCELL_EDGE=lambda cargo test --locked --workspace --test hostile -- --skip ::local:: --skip leak::
}

# Repeats both with the program that Lambda gets, which tests/sam/check.sh has built.
released_on_lambda() {
  export TOOLCELL_BOOTSTRAP=$PWD/target/test-package/x86_64/ToolcellFunction/bootstrap
  stories_on_lambda
  attacks_on_lambda
}

compare_with_rmcp() {
  local manifest=tests/compare/Cargo.toml
  cargo test --locked --manifest-path "$manifest"
  cargo build --locked --manifest-path "$manifest"
  tests/with-server.sh tests/conformance/toolcell.toml tests/compare/target/debug/compare
}

clients() {
  tests/with-server.sh toolcell.toml tests/clients/all.sh samples
  tests/with-server.sh tests/conformance/toolcell.toml tests/clients/all.sh conformance
}

# Lets every official client sign its user in, at both edges: discovery, registration, PKCE, refresh, step-up.
sign_in() {
  "$(tests/node.sh)" tests/clients/oauth/run.mjs
}

# Shows the server bad tokens, key sets and metadata, each refused for its own reason, and good ones.
authorization() {
  local node
  node=$(tests/node.sh)
  "$node" tests/authorization/run.mjs --start "$node tests/authorization/servers/toolcell.mjs" --issuers 16 \
    --profiles default,typed,clients,audience --reasons tests/authorization/toolcell.json
  "$node" tests/authorization/options.mjs
}

# Lets every official client start the command, without a token and with one.
clients_over_stdio() {
  TOOLCELL_EDGE=stdio clients
  TOOLCELL_EDGE=stdio TOOLCELL_TOKEN=$TOKEN clients
}

# Runs the conformance suite over stdio, through a bridge from HTTP.
conformance_over_stdio() {
  local node
  node=$(tests/node.sh)
  TOOLCELL_EDGE=stdio tests/with-server.sh tests/conformance/toolcell.toml \
    "$node" tests/conformance/over-stdio.mjs "$node" tests/conformance/run.mjs --lists stdio
}

# Lets every official client make a quiet call through proxies, at both edges: proxies short|whole
proxies() {
  TOOLCELL_EDGE=serve tests/with-server.sh "tests/proxies/$1.toml" tests/proxies/run.sh "$1"
  TOOLCELL_EDGE=lambda tests/with-server.sh "tests/proxies/$1.toml" tests/proxies/run.sh "$1"
}

# Lets the oldest versions of client libraries, those of npm, tell their story at both edges.
old_clients() {
  local folder=tests/clients/versions
  TOOLCELL_EDGE=serve tests/with-server.sh "$folder/toolcell.toml" "$folder/run.sh" quick
  TOOLCELL_EDGE=lambda tests/with-server.sh "$folder/toolcell.toml" "$folder/run.sh" quick
}

# Compiles the patterns of the host's unit tests with the engine of JavaScript.
patterns() {
  "$(tests/node.sh)" tests/patterns/run.mjs
}

# Drives the workbench of `toolcell dev` in Chromium.
workbench() {
  "$(tests/node.sh)" tests/workbench/run.mjs
}

# Runs the conformance suite, through a proxy if it needs a token: conformance [with_token]
conformance() {
  local node command
  node=$(tests/node.sh)
  command=("$node" tests/conformance/run.mjs)
  if [[ ${1:-} == with_token ]]; then command=("$node" tests/conformance/with-token.mjs "${command[@]}"); fi
  tests/with-server.sh tests/conformance/toolcell.toml "${command[@]}"
}

# Runs the conformance suite through the forms of API Gateway: a document, and a stream below the name of a stage.
conformance_through_apis() {
  local run
  run=("$(tests/node.sh)" tests/conformance/run.mjs)
  TOOLCELL_EDGE=lambda TOOLCELL_FORM=http-api tests/with-server.sh tests/conformance/toolcell.toml "${run[@]}" --buffered
  TOOLCELL_EDGE=lambda TOOLCELL_FORM=rest-api tests/with-server.sh tests/conformance/toolcell.toml "${run[@]}" --buffered
  TOOLCELL_EDGE=lambda TOOLCELL_FORM=rest-api-stream tests/with-server.sh tests/conformance/toolcell.toml "${run[@]}"
}

# Runs the asking scenarios against tools in JavaScript.
conformance_js() {
  tests/with-server.sh tests/conformance-js/toolcell.toml \
    "$(tests/node.sh)" tests/conformance/run.mjs --only input-required-result-
}

conformance_js_at_each_edge() {
  TOOLCELL_EDGE=serve conformance_js
  TOOLCELL_EDGE=lambda conformance_js
}

# Checks licences, sources, bans and known advisories of every dependency, also of those of the tests.
dependencies() {
  local workspace
  for workspace in "${WORKSPACES[@]}" benches fuzz; do
    tests/.cargo-deny/bin/cargo-deny --config deny.toml --manifest-path "$workspace/Cargo.toml" --locked \
      check --hide-inclusion-graph -A license-exception-not-encountered licenses bans sources
  done
}

# Builds the type matrix, whose components the tests of the workspace call.
type_matrix_components() {
  cargo build --locked --workspace --bins
  target/debug/toolcell build --config tests/type_matrix/toolcell.toml --target host --out target/type-matrix-bundle >/dev/null
}

# Sums the numbers that follow a start of line, over all lines of the log: sum 'test result: ok. '
sum() {
  sed -nE "s/^$1([0-9]+) .*/\\1/p" "$log" | awk '{ total += $1 } END { print total + 0 }'
}

step "format" each cargo fmt --all --check
step "licences, bans and advisories of dependencies" dependencies
step "clippy" each cargo clippy --locked --workspace --all-targets -- -D warnings
step "clippy of the fuzzer" cargo clippy --locked --workspace --features toolcell-tests/fuzz --test fuzz -- -D warnings
step "components of every language" type_matrix_components
step "tests of the workspace" counted cargo test --locked --workspace
step "stories in the Lambda emulator" counted stories_on_lambda
step "attacks in the Lambda emulator" counted attacks_on_lambda
step "tests of the sample plugins" counted cargo test --locked --manifest-path plugins/Cargo.toml --workspace
step "new plugins in every language" counted tests/languages.sh
step "sample plugins in every language" counted tests/samples.sh
step "corners of languages" counted tests/corners.sh
step "comparison with rmcp" counted compare_with_rmcp
step "official clients" counted at_each_edge clients
step "official clients sign in" counted sign_in
step "bad and good tokens, key sets and metadata" counted authorization
step "official clients over stdio" counted clients_over_stdio
step "official clients through proxies" counted proxies short
step "old client libraries" counted old_clients
step "schemas in client libraries" counted tests/clients/converters/run.sh quick
step "patterns in JavaScript" counted patterns
step "workbench in a browser" counted workbench
step "official conformance suite" counted at_each_edge conformance
step "official conformance suite through API Gateway" counted conformance_through_apis
step "official conformance suite over stdio" counted conformance_over_stdio
step "official conformance suite, tools in JavaScript" counted conformance_js_at_each_edge
step "deployment to Lambda" counted tests/sam/check.sh
step "stories and attacks against the program of that deployment" counted released_on_lambda

# Adds to the last line what ran; a step of which nothing ran is a failure: count NUMBER WHAT
count() {
  if (($1 == 0)); then echo "make test: something did not run: no $2" >&2 && exit 1; fi
  summary+="$1 $2, "
}

# Returns the number of golden cases that the last step with this name has tried: golden NAME
golden() {
  local tried
  tried=$(sed -nE "s/^$1: [0-9]+ [a-z ]*plugins, ([0-9]+) cases\$/\1/p" "$log" | tail -n 1)
  echo "${tried:-0}"
}

summary=
count "$(sum 'test result: ok\. ')" "Rust tests"
count "$(sum 'hostile: ')" "attacks"
count "$(sum 'fuzz: ')" "inputs of the fuzzer"
count "$(grep -c '^ok  ' "$log" || true)" "checks by clients"
count "$(sum 'versions: ')" "old clients"
count "$(sum 'converters: ')" "schemas converted by client libraries"
count "$(sum 'conformance [0-9-]+: ')" "conformance scenarios"
count "$(sum 'compare: ')" "requests compared with rmcp"
count "$(sum 'authorization: ')" "tokens, key sets and metadata refused for their reason"
count "$(sum 'workbench: ')" "checks of the workbench"
count "$(sum 'languages: ')" "new plugins"
count "$(golden samples)" "golden cases"
count "$(golden corners)" "cases of corners of languages"
count "$(sum 'Ran ')" "tests of the deployment"
echo
echo "make test: passed: ${summary}in $((SECONDS / 60)) min $((SECONDS % 60)) s"
