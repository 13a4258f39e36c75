//! A wall clock of functions that a test sets.

use std::env;
use std::fs;
use std::path::Path;

use tempfile::TempDir;
use toolcell_host::timestamp::Timestamp;
use toolcell_lambda_emulator::Function;

/// The name of the file with the difference from the machine's clock.
const OFFSET: &str = "offset";

/// The wall clock of all processes of some functions. Their monotonic clock stays the machine's.
#[derive(Debug)]
pub struct FakeClock {
    directory: TempDir,
}

impl FakeClock {
    /// Makes a clock that agrees with the machine's.
    ///
    /// # Panics
    /// Panics if Debian's package `libfaketime` is not installed.
    pub fn new() -> Self {
        let library = library();
        assert!(Path::new(&library).exists(), "{library} is missing: run tests/setup.sh");
        let clock = Self { directory: tempfile::tempdir().expect("a directory for a clock") };
        clock.set("+0");
        clock
    }

    /// Gives this clock to a function.
    pub fn of(&self, function: Function) -> Function {
        let file = self.directory.path().join(OFFSET);
        function
            .share(self.directory.path())
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", file.display().to_string())
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }

    /// Stops the clock at a moment.
    ///
    /// # Panics
    /// Panics if the file cannot be written.
    pub fn stop_at(&self, moment: Timestamp) {
        // Functions have the time zone UTC.
        self.set(moment.to_string().replace('T', " ").trim_end_matches('Z'));
    }

    /// Sets the difference from the machine's clock: `+90s`, `-1y`.
    ///
    /// # Panics
    /// Panics if the file cannot be written.
    pub fn set(&self, offset: &str) {
        let file = self.directory.path().join(OFFSET);
        // A rename keeps a process from reading half of the file.
        let fresh = file.with_extension("new");
        fs::write(&fresh, offset).and_then(|()| fs::rename(&fresh, &file)).expect("a clock can be set");
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

/// The file that Debian's package `libfaketime` installs.
fn library() -> String {
    format!("/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1", env::consts::ARCH)
}
