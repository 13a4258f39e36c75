#!/usr/bin/env bash
# Builds target/conformance-js.wasm from app.js and wit/ with QuickJS (npm componentize-qjs, pinned in
# ../package-lock.json). Quick when nothing changed.
set -euo pipefail
cd "$(dirname "$0")"

readonly OUT=target/conformance-js.wasm
readonly TOOL=../node_modules/.bin/componentize-qjs

if [[ ! -x $TOOL ]]; then
  echo "conformance-js: componentize-qjs is missing; run tests/setup.sh" >&2
  exit 1
fi
node=$(../node.sh)
sum=$(find app.js build.sh wit ../package-lock.json -type f | sort | xargs sha256sum | sha256sum)
if [[ -f $OUT && -f $OUT.sum && $(<"$OUT.sum") == "$sum" ]]; then exit 0; fi

mkdir -p target
# --sync makes plain functions of the exports, as the WIT has them.
"$node" "$TOOL" --wit wit --world asking --js app.js --sync --output "$OUT" >&2
echo "$sum" >"$OUT.sum"
