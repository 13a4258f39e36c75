//! Tools that do not ask.

use std::thread::sleep;
use std::time::Duration;

use crate::Conformance;
use crate::content::{audio, embedded, image, text};
use crate::exports::conformance::suite::tools::Guest;
use crate::toolcell::plugin::content::Block;
use crate::toolcell::plugin::log::{self, Level};
use crate::toolcell::plugin::progress;

/// The pause between two messages, as in the suite's own servers.
const PAUSE: Duration = Duration::from_millis(50);

impl Guest for Conformance {
    fn about() -> String {
        "A server for the MCP conformance suite.".to_owned()
    }

    fn test_simple_text() -> String {
        "This is a simple text response for testing.".to_owned()
    }

    fn test_image_content() -> Block {
        image()
    }

    fn test_audio_content() -> Block {
        audio()
    }

    fn test_embedded_resource() -> Block {
        embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")
    }

    fn test_multiple_content_types() -> Vec<Block> {
        let json = r#"{"test":"data","value":123}"#;
        vec![
            text("Multiple content types test:"),
            image(),
            embedded("test://mixed-content-resource", "application/json", json),
        ]
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

    fn test_custom_header(value: String) -> String {
        value
    }

    fn json_schema_2020_12_tool(arguments: String) -> String {
        arguments
    }
}
