//! Icons of what plugins list.

use super::error::{ContentError, normalize_each};
use super::text::Text;
use super::{RevisionFeatures, mime, uri};
use crate::mcp::Icon;

/// Normalizes the icons of a record: leaves out each that a client must not load.
pub(super) fn normalize(
    icons: &mut Vec<Icon<Text<'_>>>,
    features: RevisionFeatures,
) -> Result<(), ContentError> {
    normalize_each("icons", icons, |icon| mime::check_any(icon.mime_type.as_ref()))?;
    icons.retain(|icon| features.icons && is_harmless(&icon.src));
    Ok(())
}

/// Tells whether a picture comes from an authenticated server or is embedded; never a script or a local file.
fn is_harmless(src: &str) -> bool {
    let scheme = src.split(':').next().unwrap_or_default();
    let is_allowed = ["https", "data"].iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed));
    is_allowed && uri::check(src).is_ok()
}
