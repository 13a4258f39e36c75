#!/bin/sh
# Runs the arm64 `bootstrap` that ARM64_BOOTSTRAP names under qemu, as a Graviton2 (Neoverse N1): an instruction that a
# Graviton2 lacks ends it with SIGILL.
exec qemu-aarch64-static -cpu neoverse-n1 "$ARM64_BOOTSTRAP"
