//! Nothing: `run.sh` takes the library in C++ that the build of `libfuzzer-sys` makes.
