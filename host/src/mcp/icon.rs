//! Pictures for people.

use serde::{Deserialize, Serialize};

/// MCP's `Icon`, its texts borrowed or owned.
///
/// It is written under MCP's names; it is read under these or those of `toolcell:plugin`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all(serialize = "camelCase"))]
pub struct Icon<T> {
    /// The picture: an `https:` or `data:` URL.
    pub src: T,
    /// Its media type.
    #[serde(default = "Option::default", alias = "mimeType", skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<T>,
    /// Its sizes, such as `48x48` or `any`.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<T>,
    /// The background that it is made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
}

/// The background that a picture is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// `light`
    Light,
    /// `dark`
    Dark,
}

impl Theme {
    /// Finds the theme of that name.
    pub fn of_name(name: &str) -> Option<Theme> {
        match name {
            "light" => Some(Theme::Light),
            "dark" => Some(Theme::Dark),
            _ => None,
        }
    }
}
