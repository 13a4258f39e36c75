//! `toolcell keygen`: makes a key that signs releases, and the lines that make a function trust it.

use std::path::Path;

use toolcell_host::public_key::PublicKey;

use crate::release::key_file;
use crate::ui::exit::Exit;
use crate::ui::problem::Result;
use crate::ui::terminal::{Style, Terminal};

/// Makes a key for `name` in the file `out`. Prints the public part to standard output, and what to do with it around it.
///
/// # Errors
/// The file exists already or cannot be written.
pub fn run(name: &str, out: &Path, terminal: &Terminal) -> Result<Exit> {
    let public = key_file::create(out)?.public();
    terminal.note(format!(
        "The private key is in {}: whoever has it can run code in the function.",
        out.display()
    ));
    terminal.note("The public key:\n");
    terminal.print(terminal.style(Style::Strong, public.to_string()));
    terminal.note(format!(
        "\nAdd to the toolcell.toml of the package, and deploy it:\n\n{}",
        toml_lines(name, &public)
    ));
    Ok(Exit::Done)
}

/// The table of `toolcell.toml` that makes a function trust a key.
fn toml_lines(name: &str, public: &PublicKey) -> String {
    format!("[releases.keys.{name}]\npublic = \"{public}\"\n")
}
