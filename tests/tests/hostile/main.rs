//! Attacks by plugins and by clients: each ends as its row says, beside a neighbour whose answers stay right.
//!
//! ```text
//! attack (a row) ─> server <─ neighbour (calls another plugin without pause)
//! ```
//!
//! A row of a table is one attack and what its client sees. Attacks that no compiler makes are components in text form
//! (`component`, `import`); the others are functions of the fixture `hostile`. `docs/security.md` names the rows.
//!
//! With `TOOLCELL_EDGE=lambda` the attacks run against `bootstrap` in the Lambda emulator, except those in modules named
//! `local`. The test in `leak` always does, because it measures a process that serves nothing else.

mod attack;
mod boundary;
mod component;
mod compute;
mod connection;
mod count;
mod crash;
mod file;
mod host_call;
mod import;
mod leak;
mod memory;
mod neighbour;
mod output;
mod reach;
mod request;
mod scene;
