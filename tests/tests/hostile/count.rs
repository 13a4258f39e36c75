//! Counts the attacks that ran.

use std::io::{self, Write as _};

use toolcell_tests::Edge;

/// Prints how many attacks ran, in the form that `tests/all.sh` sums.
///
/// A test's `println!` is only shown if it fails, so this writes to the stream itself. The line break before it ends
/// what the test harness may have begun to write.
pub(crate) fn print(attacks: usize, area: &str) {
    let edge = match Edge::chosen() {
        Edge::Serve => "",
        Edge::Lambda => " on Lambda",
    };
    writeln!(io::stderr(), "\nhostile{edge}: {attacks} attacks, {area}").expect("tests have an output");
}
