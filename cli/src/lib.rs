//! The `toolcell` command as a library: what authors and deployers run before a server starts.
//!
//! ```text
//! manifest (plugin.toml) ┐
//! wit      (an author's) ├─> plugin ─> section (packed .wasm)
//! component (a .wasm)    ┘     │
//! config   (toolcell.toml) ────┴─> select, grant, import, limit ─> compile ─> bundle
//! ```
//!
//! [`content`] tells tools from prompts, [`offer`] finds what comes at run time, and [`contract`] knows the WIT that
//! both are about.
//!
//! [`source`] reads a plugin from wherever it is, [`build`] makes a bundle of all of them, `inspect`
//! and `check` only look, [`mod@test`] plays a plugin's cases, [`runtime`] tells toolchains apart. [`document`] is how
//! both files are read, [`problem`] what every error is.

pub mod builder;
pub mod bundle;
pub mod check;
pub mod command;
pub mod component;
pub mod config;
pub mod document;
pub mod language;
pub mod manifest;
pub mod plugin;
pub mod server;
pub mod ui;
