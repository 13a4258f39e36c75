//! An entry of `icons`: of a tool or a prompt.

use toolcell_host::mcp::{Icon, Theme};

use crate::document::Table;
use crate::ui::problem::Result;

/// Tells whether a client may load an icon: over https, or embedded.
pub fn is_loadable(icon: &Icon<String>) -> bool {
    icon.src.starts_with("https://") || icon.src.starts_with("data:image/")
}

/// Reads one entry.
pub(super) fn read(table: &Table<'_>) -> Result<Icon<String>> {
    let icon = Icon {
        src: table.required("src", "\"https://example.com/icon.png\"")?,
        mime_type: table.text("mime-type")?,
        sizes: table.texts("sizes")?.unwrap_or_default(),
        theme: table.text("theme")?.map(|theme| read_theme(table, &theme)).transpose()?,
    };
    if is_loadable(&icon) {
        return Ok(icon);
    }
    Err(table
        .wrong("src", "is not a URL that clients may load")
        .found(format!("{:?}", icon.src))
        .expected("a URL that starts with https:// or data:image/")
        .next("publish the image over https, or embed it as a data: URL"))
}

fn read_theme(table: &Table<'_>, name: &str) -> Result<Theme> {
    Theme::of_name(name).ok_or_else(|| {
        table
            .wrong("theme", "is not a theme")
            .found(format!("{name:?}"))
            .expected("\"light\" or \"dark\"")
            .next("write one of them, or remove the key")
    })
}
