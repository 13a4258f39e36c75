//! What a host says about a page: its media type and character encoding.

/// What a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Html,
    /// Any other text, which is returned as it is.
    Text,
}

/// The type of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) kind: Kind,
    /// Such as `text/html`.
    pub(crate) media_type: String,
    /// The encoding that the host names.
    pub(crate) charset: Option<String>,
}

/// Reads the header `content-type`; without it, the body decides.
///
/// # Errors
/// The media type, if the page is not a text.
pub(crate) fn of(header: Option<&str>, body: &[u8]) -> Result<Content, String> {
    let Some(header) = header else { return guess(body) };
    let (media_type, parameters) = header.split_once(';').unwrap_or((header, ""));
    let media_type = media_type.trim().to_ascii_lowercase();
    let charset = parameters.split(';').find_map(charset);
    match kind(&media_type) {
        Some(kind) => Ok(Content { kind, media_type, charset }),
        None if media_type.is_empty() => guess(body),
        None => Err(media_type.chars().filter(|letter| letter.is_ascii_graphic()).take(100).collect()),
    }
}

/// Reads a parameter if it is `charset`.
fn charset(parameter: &str) -> Option<String> {
    let (name, value) = parameter.split_once('=')?;
    let value = value.trim().trim_matches(['"', '\'']);
    (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
}

fn kind(media_type: &str) -> Option<Kind> {
    const TEXTS: [&str; 7] = [
        "application/json",
        "application/xml",
        "application/javascript",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/x-ndjson",
    ];
    match media_type {
        "text/html" | "application/xhtml+xml" => Some(Kind::Html),
        image if image.starts_with("image/") => None,
        text if text.starts_with("text/") || TEXTS.contains(&text) => Some(Kind::Text),
        structured if structured.ends_with("+json") || structured.ends_with("+xml") => Some(Kind::Text),
        _ => None,
    }
}

/// Guesses what a body is whose host says nothing.
fn guess(body: &[u8]) -> Result<Content, String> {
    let start = &body[..body.len().min(1024)];
    if start.contains(&0) {
        return Err("application/octet-stream".to_owned());
    }
    let is_html = start.trim_ascii_start().starts_with(b"<");
    let (kind, media_type) = if is_html { (Kind::Html, "text/html") } else { (Kind::Text, "text/plain") };
    Ok(Content { kind, media_type: media_type.to_owned(), charset: None })
}

#[cfg(test)]
mod tests {
    use super::{Kind, of};

    #[test]
    fn a_type_is_read_with_its_charset() {
        for (header, kind, media_type, charset) in [
            ("text/html", Kind::Html, "text/html", None),
            ("Text/HTML; Charset=\"ISO-8859-1\"", Kind::Html, "text/html", Some("ISO-8859-1")),
            ("application/xhtml+xml;a=b; charset=utf-8", Kind::Html, "application/xhtml+xml", Some("utf-8")),
            ("text/markdown; charset=", Kind::Text, "text/markdown", None),
            ("application/ld+json", Kind::Text, "application/ld+json", None),
        ] {
            let content = of(Some(header), b"").unwrap();
            assert_eq!((content.kind, content.media_type.as_str()), (kind, media_type), "{header}");
            assert_eq!(content.charset.as_deref(), charset, "{header}");
        }
    }

    #[test]
    fn what_is_not_a_text_is_named() {
        for header in ["application/pdf", "image/svg+xml", "audio/ogg; charset=utf-8", "application/zip"] {
            let named = header.split(';').next().unwrap();
            assert_eq!(of(Some(header), b"<html>").unwrap_err(), named);
        }
        assert_eq!(of(Some("a/b\r\n\u{202e}c"), b"").unwrap_err(), "a/bc");
    }

    #[test]
    fn a_body_without_a_type_speaks_for_itself() {
        assert_eq!(of(None, b" \n<!doctype html>").unwrap().kind, Kind::Html);
        assert_eq!(of(Some(""), b"plain").unwrap().kind, Kind::Text);
        assert!(of(None, b"\x89PNG\0\0").is_err());
    }
}
