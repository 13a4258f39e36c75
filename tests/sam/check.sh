#!/usr/bin/env bash
# Everything that is known of a deployment without an AWS account: template.yaml linted, rendered and judged; the
# package built, looked into, and run by Amazon's own emulator; the arm64 package answering under qemu. Part of
# `make test`.
# TOOLCELL names another binary than target/debug/toolcell.
set -euo pipefail
cd "$(dirname "$0")/../.."

export TOOLCELL=${TOOLCELL:-$PWD/target/debug/toolcell}
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-central-1
export SAM_BUILD=$PWD/target/test-package/x86_64 ARM64_PACKAGE=$PWD/target/test-package/arm64/ToolcellFunction
tools=tests/sam/.venv/bin

[[ -x $tools/sam ]] || {
  echo "check.sh: $tools is missing; run \`tests/setup.sh\`" >&2
  exit 1
}
[[ -x $TOOLCELL ]] || {
  echo "check.sh: $TOOLCELL is missing; run \`cargo build --workspace\`" >&2
  exit 1
}

"$tools/sam" validate
"$tools/cfn-lint" --include-checks I -- template.yaml
"$tools/sam" build --build-dir "$SAM_BUILD"
make package
# Optimised like a release, without the minutes of link-time optimisation: what is tested are instructions.
PROFILE=fast "$tools/sam" build --build-dir "$(dirname "$ARM64_PACKAGE")" --parameter-overrides Architecture=arm64
"$tools/python" -m unittest discover --start-directory tests/sam --pattern '*_test.py'
