//! Pictures for people.

use serde::{Deserialize, Serialize};

use super::error::{ContentError, normalize_each};
use super::text::Text;
use super::{RevisionFeatures, mime, uri};

/// MCP's `Icon`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Icon<'a> {
    #[serde(borrow)]
    src: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    mime_type: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    sizes: Vec<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<Theme>,
}

/// The background that a picture is made for.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Theme {
    Light,
    Dark,
}

/// Normalizes the icons of a record: leaves out each that a client must not load.
pub(super) fn normalize(icons: &mut Vec<Icon<'_>>, features: RevisionFeatures) -> Result<(), ContentError> {
    normalize_each("icons", icons, |icon| mime::check_any(icon.mime_type.as_ref()))?;
    icons.retain(|icon| features.icons && icon.is_harmless());
    Ok(())
}

impl Icon<'_> {
    /// Whether it is fetched from an authenticated server, or not fetched at all; never a script or a local file.
    fn is_harmless(&self) -> bool {
        let scheme = self.src.split(':').next().unwrap_or_default();
        let is_allowed = ["https", "data"].iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed));
        is_allowed && uri::check(&self.src).is_ok()
    }
}
