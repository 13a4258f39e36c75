#!/usr/bin/env bash
# Lets old and new client libraries tell their story to one server: run.sh quick|whole URL
set -euo pipefail
cd "$(dirname "$0")"
exec ../../.venv/bin/python run.py "$@"
