//! Secrets through every way in: none of them comes out again in a log line, an error, a metric, an answer, a case, a
//! bundle or a `Debug` text, and none is in the memory of a plugin whose requests have it.
//!
//! ```text
//! sweep     the canaries, and everything that was said
//! function  bootstrap: variables, Secrets Manager, Parameter Store, tokens, state keys; values that cannot be used
//! local     toolcell serve and its siblings: secrets.toml, injected headers and parameters
//! signed    credentials of AWS: the process's own, from profiles, and of assumed roles
//! mistake   secrets in the place of their names, in every table of toolcell.toml that has to do with them
//! release   keys that sign, and the credentials of a bucket
//! object    Debug of whatever holds a secret
//! ```

mod function;
mod local;
mod mistake;
mod object;
mod release;
mod signed;
mod sweep;

use std::io::{self, Write as _};

use sweep::Sweep;

/// The number of canaries that the sweep has to have at least.
const LEAST: usize = 40;

#[test]
fn no_secret_comes_out_whatever_the_way_in() {
    let mut sweep = Sweep::default();
    for scene in [function::play, local::play, signed::play, mistake::play, release::play, object::play] {
        scene(&mut sweep);
    }
    let (canaries, texts, bytes) = sweep.judge();
    // A `println!` of a test that passes is not shown.
    let all = format!(
        "{canaries} secrets, each through a way of its own, in none of {texts} texts ({bytes} bytes)"
    );
    writeln!(io::stderr(), "\ncanaries: {all}").expect("tests have an output");
    assert!(canaries >= LEAST, "{canaries}");
}
