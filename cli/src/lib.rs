//! The `toolcell` command as a library: everything that authors and deployers run.
//!
//! Sixteen layers, each importing only from layers below it:
//!
//! ```text
//! main        parses nothing, decides nothing: calls command
//! command     one file or folder for each subcommand
//! server      the local server that serve, dev and the tests share
//! state       what plugins keep between calls, in a file of the project or a table
//! release     bundles -> signed releases in a bucket, and what is there
//! aws         the AWS credentials of whoever runs a command
//! bundle      toolcell.toml + plugins -> a bundle, and a bundle -> a host that runs calls
//! check       findings about a plugin, and what clients of an older one would notice
//! config      toolcell.toml as typed values
//! plugin      a plugin as the rest sees it: loaded, assembled, verified
//! builder     source -> component, one file or folder for each language
//! manifest    plugin.toml as typed values
//! component   a component's bytes and an author's WIT: functions, imports, what it carries
//! document    strict TOML: unknown keys, names, limits, scopes, texts
//! language    the languages, and the programs that build plugins in them
//! ui          problems, terminal, progress, formats, exit codes, files
//! ```
//!
//! A subcommand begins in [`command`], which turns its arguments into a request and calls `run` of the subcommand's
//! file. `toolcell build` is the longest way down:
//!
//! ```text
//! command::build ─> bundle::build ┬─> config::read        toolcell.toml
//!                                 ├─> builder::build      a component, where its plugin.toml has [build]
//!                                 ├─> plugin::load        component + plugin.toml + WIT -> plugin
//!                                 ├─> bundle::select      what is served, under which names
//!                                 ├─> bundle::resolve     limits, scopes and list entries of each
//!                                 └─> bundle::compile     machine code ─> the bundle's files
//! ```
//!
//! `serve`, `call`, `dev` and `lambda` build first, then [`bundle::open`] makes a host of the bundle. `inspect`, `check`
//! and `pack` stop at [`plugin`]. Whatever is refused is a [`Problem`](ui::problem::Problem), which `main` prints.

pub mod aws;
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
pub mod release;
pub mod server;
pub mod state;
pub mod ui;
