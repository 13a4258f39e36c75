#!/bin/sh
# Runs the compiler so that the program counts which lines it runs; cargo calls it for the packages of the workspace.
exec "$@" -C instrument-coverage
