#!/bin/sh
# Stands for an arm64 `bootstrap` on another processor: runs the one that ARM64_BOOTSTRAP names under qemu, as a
# Graviton2 (Neoverse N1), where an instruction that it lacks is SIGILL.
exec qemu-aarch64-static -cpu neoverse-n1 -L /usr/aarch64-linux-gnu "$ARM64_BOOTSTRAP"
