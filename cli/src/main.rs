//! The toolcell command.
fn main() {}
