#!/bin/sh
# Runs the compiler so that the program tells libFuzzer which edges of the code it takes, and links the program of the
# fuzzer with libFuzzer, whose folder is in LIBFUZZER. Cargo calls it for the packages of the workspace.
case " $* " in
*" --crate-name fuzz "*) set -- "$@" -L "native=$LIBFUZZER" -l static=fuzzer -l stdc++ ;;
esac
exec "$@" -C passes=sancov-module -C llvm-args=-sanitizer-coverage-level=4 \
  -C llvm-args=-sanitizer-coverage-inline-8bit-counters -C llvm-args=-sanitizer-coverage-pc-table \
  -C llvm-args=-simplifycfg-branch-fold-threshold=0
