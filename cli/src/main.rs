//! The toolcell command.

use std::process::ExitCode;

fn main() -> ExitCode {
    toolcell_cli::command::main()
}
