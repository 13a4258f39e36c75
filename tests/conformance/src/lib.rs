//! The tools that the official MCP conformance suite calls.

wit_bindgen::generate!({ world: "conformance", path: "wit", generate_all });

use std::thread::sleep;
use std::time::Duration;

use exports::conformance::suite::tools::Guest;
use toolcell::plugin::log::{self, Level};
use toolcell::plugin::progress;

/// Between two messages, as the suite's own servers do.
const PAUSE: Duration = Duration::from_millis(50);

struct Conformance;

impl Guest for Conformance {
    fn about() -> String {
        "A server for the MCP conformance suite.".to_owned()
    }

    fn test_simple_text() -> String {
        "This is a simple text response for testing.".to_owned()
    }

    fn test_error_handling() -> Result<String, String> {
        Err("This tool intentionally returns an error for testing".to_owned())
    }

    fn test_tool_with_progress() -> String {
        for done in [0.0, 50.0, 100.0] {
            progress::report(done, Some(100.0), None);
            sleep(PAUSE);
        }
        "Progress was reported.".to_owned()
    }

    fn test_tool_with_logging() -> String {
        for message in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
            log::write(Level::Info, message, &[]);
            sleep(PAUSE);
        }
        "Messages were logged.".to_owned()
    }

    fn test_logging_tool() -> String {
        log::write(Level::Info, "Logged by test_logging_tool", &[]);
        "A message was logged.".to_owned()
    }

    fn test_missing_capability() -> String {
        "This client can sample.".to_owned()
    }

    fn test_streaming_elicitation() -> String {
        "Nobody had to be asked.".to_owned()
    }

    fn test_custom_header(value: String) -> String {
        value
    }
}

export!(Conformance);
