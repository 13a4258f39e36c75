//! The sandbox from outside: components go in through the same compiler settings as `toolcell build`.

mod grant;
mod hostile;
mod limit;
mod load;
mod support;
mod tell;
mod wasi;
