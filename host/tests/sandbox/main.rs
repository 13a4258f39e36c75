//! The sandbox from outside: components go in through the same compiler settings as `toolcell build`.

mod load;
mod support;
