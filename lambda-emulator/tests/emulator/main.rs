//! Shows each behaviour of the emulator with a function that does what it is told.

mod event;
mod failure;
mod init;
mod life;
mod limit;
mod log;
mod machine;
mod managed;
mod response;
mod support;
