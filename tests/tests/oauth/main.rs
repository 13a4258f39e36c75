//! Access tokens of an authorization server: what is accepted, what is refused and why, when keys are fetched, and what a
//! client sees.
//!
//! The issuer is `toolcell_tests::issuer`, which signs in this process.

mod bundle;
mod endpoint;
mod key_sets;
mod keys;
mod lookup;
mod principal;
mod tokens;
