//! Attributes every line of the server's log to the call that it is about.

/// The names that log lines of one call carry.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    /// The plugin's name in the catalog.
    pub plugin: String,
    /// The tool's name.
    pub tool: String,
    /// The id that the server gave the request.
    pub request: String,
}
