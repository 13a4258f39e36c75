//! The names of the WIT package `toolcell:plugin` and of its interfaces.

use toolcell_host::catalog::{Export, ProviderRole};

/// The package with its version.
pub const PACKAGE: &str = "toolcell:plugin@0.1.0";

/// The prefix of the interface names.
pub(super) const INTERFACE: &str = "toolcell:plugin/";

/// Versions that hold the same types under the same names.
const VERSION: &str = "0.1.";

/// The short name of an interface of ours in a version that we know: `content` of `toolcell:plugin/content@0.1.0`.
pub fn interface(full: &str) -> Option<&str> {
    let (name, version) = full.strip_prefix(INTERFACE)?.split_once('@')?;
    version.starts_with(VERSION).then_some(name)
}

/// Tells whether an interface is of our package, in whatever version.
pub fn is_ours(full: &str) -> bool {
    full.starts_with(INTERFACE)
}

/// Returns the role of an exported function by its name; `None` for an ordinary function.
pub fn role(export: &Export) -> Option<ProviderRole> {
    let short = interface(export.interface.as_deref()?)?;
    ProviderRole::ALL.into_iter().find(|role| role.function() == (short, &export.function))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_versions_that_hold_the_same_types_are_ours_to_know() {
        assert_eq!(interface("toolcell:plugin/content@0.1.0"), Some("content"));
        for other in ["toolcell:plugin/content@0.10.0", "toolcell:plugin/content", "a:plugin/content@0.1.0"] {
            assert_eq!(interface(other), None, "{other}");
        }
    }
}
