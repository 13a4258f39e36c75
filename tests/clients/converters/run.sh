#!/usr/bin/env bash
# Tries the converters of client libraries on every type of WIT and on the sample plugins: run.sh quick|whole
# `quick` leaves out the libraries of PyPI. TOOLCELL_BLESS=1 rewrites matrix.json and docs/clients.md, after `whole`.
set -euo pipefail
cd "$(dirname "$0")/../../.."

extent=${1:-}
folder=tests/clients/converters
python=tests/.venv/bin/python
"$python" "$folder/judge_test.py" 2>&1 | sed 's/^Ran /converters: judge: ran /' # "Ran" counts the deployment's tests
"$python" "$folder/run.py" minimal "$extent"
tests/with-server.sh "$folder/toolcell.toml" "$python" "$folder/run.py" collect types "$extent"
tests/with-server.sh toolcell.toml "$python" "$folder/run.py" collect samples "$extent"
"$python" "$folder/run.py" judge "$extent"
