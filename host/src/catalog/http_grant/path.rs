//! Refuses paths that a server could read in another way than the rule that allowed them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text_form;

/// The longest prefix of a rule, in bytes.
const MAX_PREFIX_BYTES: usize = 1024;

/// Characters that stand for themselves in a path, besides letters, digits, `/` and `%`. A `;` is not one of them:
/// some servers cut a segment off there.
const PLAIN: &[u8] = b"-._~!$&'()*+,=:@";

/// Bytes that change the meaning of a path if a server decodes them before it looks for segments: `.`, `/`, `;`, `\`.
const MEANINGFUL: [u8; 4] = [b'.', b'/', b';', b'\\'];

/// The beginning of the paths that a rule allows. It ends at the border of a segment: `/repos` covers `/repos` and
/// `/repos/x`, but not `/reposx`; `/repos/` covers what is below it alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathPrefix(String);

/// The reason why a path is refused. Completes the sentence "the path ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It does not begin at the root.
    #[error("does not begin with `/`")]
    Relative,
    /// It has an empty segment.
    #[error("has an empty segment (`//`)")]
    EmptySegment,
    /// It leads upwards or nowhere.
    #[error("has the segment `.` or `..`")]
    Dots,
    /// It has a character that a path has only in its encoded form, or that servers read in different ways.
    #[error("has a character that servers read in different ways, such as `;` or a backslash")]
    Character,
    /// It has a `%` without two hexadecimal digits.
    #[error("has `%` without two hexadecimal digits after it")]
    Percent,
    /// It hides what would be refused in the open.
    #[error("has an encoded dot, slash, backslash, semicolon or control character")]
    Encoded,
    /// It is longer than a rule needs.
    #[error("is longer than {MAX_PREFIX_BYTES} bytes")]
    Long,
}

/// Checks that a path means the same to every server: what was compared with a rule is what is sent.
///
/// # Errors
///
/// The first reason to refuse it.
pub fn check_path(path: &str) -> Result<(), PathError> {
    let rest = path.strip_prefix('/').ok_or(PathError::Relative)?;
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'%') || PLAIN.contains(&byte);
    if !path.bytes().all(is_plain) {
        return Err(PathError::Character);
    }
    check_escapes(path)?;
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." | ".." => return Err(PathError::Dots),
            "" if segments.peek().is_some() => return Err(PathError::EmptySegment),
            _ => {}
        }
    }
    Ok(())
}

/// Checks what `%` and two digits stand for, also where they are made of other escapes: "%252e" and "%25%32e" count as
/// "%2e", because some servers decode several times.
///
/// No two escapes overlap, so the order in which they are undone makes no difference. Each is undone as soon as its
/// last digit is there, and one pass finds what any number of passes would.
fn check_escapes(path: &str) -> Result<(), PathError> {
    if path.split('%').skip(1).any(|after| escape(after.as_bytes()).is_none()) {
        return Err(PathError::Percent);
    }
    if !path.contains('%') {
        return Ok(());
    }
    let mut plain = Vec::with_capacity(path.len());
    for byte in path.bytes() {
        plain.push(byte);
        while let [before @ .., b'%', high, low] = &plain[..]
            && let Some(value) = escape(&[*high, *low])
        {
            if is_hidden(before.last().copied(), value) {
                return Err(PathError::Encoded);
            }
            plain.truncate(before.len());
            plain.push(value);
        }
    }
    Ok(())
}

/// Reads the two hexadecimal digits at the beginning of a text.
fn escape(text: &[u8]) -> Option<u8> {
    let [high, low, ..] = text else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*high)? << 4 | digit(*low)?)
}

/// Tells whether an encoded byte hides a character that is refused in the open, also as an overlong form of UTF-8, which
/// some servers still read.
fn is_hidden(before: Option<u8>, value: u8) -> bool {
    let is_overlong = matches!(value, 0xc0 | 0xc1 | 0xf5..=0xff)
        || matches!((before, value), (Some(0xe0), 0x80..=0x9f) | (Some(0xf0), 0x80..=0x8f));
    MEANINGFUL.contains(&value) || value.is_ascii_control() || is_overlong
}

impl PathPrefix {
    /// Returns the prefix of every path.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Returns its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether a path begins with it, at the border of a segment.
    pub fn covers(&self, path: &str) -> bool {
        let ends_segment = |rest: &str| self.0.ends_with('/') || rest.is_empty() || rest.starts_with('/');
        path.strip_prefix(&self.0).is_some_and(ends_segment)
    }

    /// Tells whether it covers everything that another prefix covers.
    pub fn covers_prefix(&self, other: &Self) -> bool {
        self.covers(&other.0)
    }
}

impl FromStr for PathPrefix {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        if text.len() > MAX_PREFIX_BYTES {
            return Err(PathError::Long);
        }
        check_path(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for PathPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_form!(PathPrefix, PathError);
