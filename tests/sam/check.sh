#!/usr/bin/env bash
# Checks a deployment as far as that is possible without an AWS account: lints, renders and checks template.yaml;
# builds the package, inspects it, and runs it in Amazon's own emulator; runs the arm64 package under qemu. Part of
# `make test`.
# TOOLCELL names a binary other than target/debug/toolcell.
set -euo pipefail
cd "$(dirname "$0")/../.."

export TOOLCELL=${TOOLCELL:-$PWD/target/debug/toolcell}
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-central-1
export SAM_BUILD=$PWD/target/test-package/x86_64 ARM64_PACKAGE=$PWD/target/test-package/arm64/ToolcellFunction
tools=tools/sam/.venv/bin

[[ -x $tools/sam ]] || {
  echo "check.sh: $tools is missing; run \`tests/setup.sh\`" >&2
  exit 1
}
[[ -x $TOOLCELL ]] || {
  echo "check.sh: $TOOLCELL is missing; run \`cargo build --workspace\`" >&2
  exit 1
}

"$tools/sam" validate
"$tools/cfn-lint" --include-checks I -- template.yaml docs/edges/*.yaml
"$tools/sam" build --build-dir "$SAM_BUILD"
make package
# The profile `fast` skips the minutes of link-time optimisation: the tests are about instructions, not speed.
PROFILE=fast "$tools/sam" build --build-dir "$(dirname "$ARM64_PACKAGE")" --parameter-overrides Architecture=arm64
"$tools/python" -m unittest discover --start-directory tests/sam --pattern '*_test.py'
