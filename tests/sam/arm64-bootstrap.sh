#!/bin/sh
# Stands for an arm64 `bootstrap` on another processor: runs the one that ARM64_BOOTSTRAP names under qemu, as a
# Graviton2 (Neoverse N1), where an instruction that it lacks is SIGILL.
# With all of the address space the engine would reserve terabytes for its pool, for each page of which qemu 7 keeps
# notes: six gigabytes, and a minute. With 64 GiB it allocates on demand.
ulimit -v 67108864
exec qemu-aarch64-static -cpu neoverse-n1 -L /usr/aarch64-linux-gnu "$ARM64_BOOTSTRAP"
