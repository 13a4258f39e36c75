//! Precompiled code of a plugin, and the only two ways it may enter the process.
