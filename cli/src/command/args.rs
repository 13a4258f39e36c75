//! Declares the command line: every subcommand, its arguments and their help texts.

mod callers;
mod plugin;
mod releases;
mod serving;
mod state;

use clap::{Parser, Subcommand};

use crate::ui::exit;

pub(super) use self::callers::{Auth, AuthAction, Token};
pub(super) use self::plugin::{Build, Check, Doctor, Inspect, Machine, New, Pack, Test};
pub(super) use self::releases::{Gc, Keygen, Publish, Releases, Rollback, Verify};
pub(super) use self::serving::{Call, Connect, Dev, Lambda, LogFormat, Serve};
pub(super) use self::state::{State, StateAction};

/// Create, check, build and serve MCP tools that are sandboxed WebAssembly components
#[derive(Debug, Parser)]
#[command(name = "toolcell", version, after_help = exit::HELP, arg_required_else_help = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    New(New),
    Dev(Dev),
    Serve(Serve),
    Connect(Connect),
    Lambda(Lambda),
    Call(Call),
    Pack(Pack),
    Build(Build),
    Inspect(Inspect),
    Check(Check),
    Test(Test),
    Doctor(Doctor),
    Token(Token),
    Auth(Auth),
    State(State),
    Keygen(Keygen),
    Publish(Publish),
    Releases(Releases),
    Verify(Verify),
    Rollback(Rollback),
    Gc(Gc),
}
