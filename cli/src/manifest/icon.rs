//! An entry of `icons`: of a tool or a prompt.

use serde::{Deserialize, Serialize};

use crate::document::Table;
use crate::ui::problem::Result;

/// A picture, as MCP's `Icon` spells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Icon {
    /// `https:` or `data:` URL.
    pub src: String,
    /// Media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Sizes such as `48x48` or `any`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<String>,
    /// `light` or `dark`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
}

impl Icon {
    /// Tells whether a client may load it: over https, or embedded.
    pub fn is_loadable(&self) -> bool {
        self.src.starts_with("https://") || self.src.starts_with("data:image/")
    }
}

/// Reads one entry.
pub(super) fn read(table: &Table<'_>) -> Result<Icon> {
    let icon = Icon {
        src: table.required("src", "\"https://example.com/icon.png\"")?,
        mime_type: table.text("mime-type")?,
        sizes: table.texts("sizes")?.unwrap_or_default(),
        theme: table.text("theme")?,
    };
    if !icon.is_loadable() {
        return Err(table
            .wrong("src", "is not a URL that clients may load")
            .found(format!("{:?}", icon.src))
            .expected("a URL that starts with https:// or data:image/")
            .next("publish the image over https, or embed it as a data: URL"));
    }
    match icon.theme.as_deref() {
        None | Some("light" | "dark") => Ok(icon),
        Some(theme) => Err(table
            .wrong("theme", "is not a theme")
            .found(format!("{theme:?}"))
            .expected("\"light\" or \"dark\"")
            .next("write one of them, or remove the key")),
    }
}
