//! The character encoding of a page, as browsers find it: a byte order mark, the host's header, `<meta>`, and in the end
//! what fits.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::content::{Content, Kind};

/// The bytes in which `<meta>` is searched.
const META_BYTES: usize = 1024;

/// Decodes a page. What is not valid becomes U+FFFD.
pub(crate) fn decode(body: &[u8], content: &Content) -> String {
    let named = content.charset.as_deref().and_then(|label| Encoding::for_label(label.as_bytes()));
    let in_page = || if content.kind == Kind::Html { meta(body) } else { None };
    let encoding = named.or_else(in_page).unwrap_or_else(|| fitting(body));
    // A byte order mark wins over the encoding.
    encoding.decode(body).0.into_owned()
}

/// Returns the encoding of a body that nobody names.
fn fitting(body: &[u8]) -> &'static Encoding {
    match std::str::from_utf8(body) {
        Ok(_) => UTF_8,
        // The end of a page that was cut may be the first part of a character.
        Err(error) if error.error_len().is_none() => UTF_8,
        Err(_) => WINDOWS_1252,
    }
}

/// Returns the encoding that a `<meta>` at the start of a page names.
fn meta(body: &[u8]) -> Option<&'static Encoding> {
    let mut rest = body[..body.len().min(META_BYTES)].to_ascii_lowercase();
    loop {
        let start = rest.windows(4).position(|bytes| bytes == b"<!--" || bytes == b"<met")?;
        rest.drain(..start);
        if rest.starts_with(b"<!--") {
            let end = rest.windows(3).position(|bytes| bytes == b"-->")?;
            rest.drain(..end);
            continue;
        }
        let end = rest.iter().position(|&byte| byte == b'>').unwrap_or(rest.len());
        let tag: Vec<u8> = rest.drain(..end).collect();
        if let Some(encoding) = tag.strip_prefix(b"<meta").and_then(named) {
            return Some(encoding);
        }
    }
}

/// Returns the encoding that follows `charset` in the attributes of a `<meta>`.
fn named(attributes: &[u8]) -> Option<&'static Encoding> {
    let at = attributes.windows(7).position(|bytes| bytes == b"charset")?;
    let value = attributes[at + 7..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"';/".contains(byte);
    let label = &value[..value.iter().position(ends).unwrap_or(value.len())];
    let encoding = Encoding::for_label(label)?;
    // A page whose <meta> could be read is not in UTF-16.
    Some(if [UTF_16BE, UTF_16LE].contains(&encoding) { UTF_8 } else { encoding })
}

#[cfg(test)]
mod tests {
    use super::{Content, Kind, decode};

    fn html(charset: Option<&str>, body: &[u8]) -> String {
        let media_type = "text/html".to_owned();
        decode(body, &Content { kind: Kind::Html, media_type, charset: charset.map(str::to_owned) })
    }

    #[test]
    fn a_byte_order_mark_wins_then_the_header_then_meta() {
        assert_eq!(html(Some("latin1"), b"\xef\xbb\xbf\xc3\xa4"), "ä");
        assert_eq!(html(None, b"\xff\xfe\xe4\x00"), "ä");
        assert_eq!(html(Some("utf-8"), b"<meta charset=latin1>\xc3\xa4"), "<meta charset=latin1>ä");
        assert_eq!(html(None, b"<meta charset=latin1>\xe4"), "<meta charset=latin1>ä");
    }

    #[test]
    fn the_encodings_of_old_pages_are_read() {
        for (label, bytes, text) in [
            ("windows-1252", &b"\x80 \x84x\x93"[..], "€ „x“"),
            ("ISO-8859-1", b"\xe9", "é"),
            ("iso-8859-15", b"\xa4", "€"),
            ("windows-1251", b"\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"),
            ("shift_jis", b"\x93\xfa\x96\x7b", "日本"),
            ("gbk", b"\xd6\xd0", "中"),
        ] {
            assert_eq!(html(Some(label), bytes), text, "{label}");
        }
    }

    #[test]
    fn meta_is_found_in_its_forms() {
        for meta in [
            "<META CHARSET='windows-1252'>",
            "<meta charset = \"windows-1252\" />",
            "<meta http-equiv=content-type content=\"text/html; charset=windows-1252\">",
            "<!-- <meta charset=utf-8> --><meta name=x><meta charset=windows-1252>",
        ] {
            let body = [meta.as_bytes(), b"\xc3\xa4"].concat();
            assert!(html(None, &body).ends_with("Ã¤"), "{meta}");
        }
        for meta in
            ["<meta charset=utf-16>", "<meta charset=unknown>", "<meta charset>", "<meta charset=", "<met"]
        {
            let body = [meta.as_bytes(), "ä".as_bytes()].concat();
            assert!(html(None, &body).ends_with('ä'), "{meta}");
        }
    }

    #[test]
    fn an_encoding_that_nobody_names_is_the_one_that_fits() {
        assert_eq!(html(None, "ä".as_bytes()), "ä");
        assert_eq!(html(None, b"\xe4!"), "ä!");
        assert_eq!(html(None, &"ää".as_bytes()[..3]), "ä\u{fffd}", "a page that was cut");
        assert_eq!(html(Some("nonsense"), "ä".as_bytes()), "ä");
    }
}
