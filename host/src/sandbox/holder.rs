//! Names on whose account a call runs: its plugin and its principal.

use std::sync::Arc;

/// Names on whose account a call holds a slot and computes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Holder {
    /// The plugin.
    pub(super) plugin: Arc<str>,
    /// The principal. Anonymous callers have none, because nobody knows whether two of them are the same.
    pub(super) principal: Option<Arc<str>>,
}

impl Holder {
    /// Names the plugin and the principal of a call.
    pub(super) fn new(plugin: &Arc<str>, principal: Option<&str>) -> Self {
        Self { plugin: Arc::clone(plugin), principal: principal.map(Arc::from) }
    }
}
