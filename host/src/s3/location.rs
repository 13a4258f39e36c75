//! Reads `s3://BUCKET/PREFIX`.

use std::fmt;
use std::str::FromStr;

/// The most characters of a prefix, so that keys below it stay within S3's 1,024 bytes.
const MAX_PREFIX_CHARS: usize = 512;

/// A bucket, and the prefix of all keys in it that are ours. No part of it needs to be encoded in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    bucket: String,
    /// Ends with a slash, unless it is empty.
    prefix: String,
}

/// A text that is no location.
#[derive(Debug, thiserror::Error)]
#[error(
    "{found:?} is no place in S3: expected s3://BUCKET or s3://BUCKET/PREFIX, with a bucket of 3 to 63 characters from \
     a-z, 0-9, `.`, `-`, and a prefix of at most {MAX_PREFIX_CHARS} characters from A-Z, a-z, 0-9, `.`, `-`, `_`, `/`"
)]
pub struct NotALocation {
    found: String,
}

impl Location {
    /// The beginning of every location.
    pub const SCHEME: &str = "s3://";

    /// Returns the name of the bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Returns the key of an object in the bucket.
    pub(super) fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Returns the key of an object below the prefix; `None` if it is elsewhere.
    pub(super) fn below<'k>(&self, key: &'k str) -> Option<&'k str> {
        key.strip_prefix(&self.prefix)
    }

    /// Shows where an object is.
    pub(super) fn shown(&self, key: &str) -> String {
        let Self { bucket, prefix } = self;
        format!("{}{bucket}/{prefix}{key}", Self::SCHEME)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown("").trim_end_matches('/'))
    }
}

impl FromStr for Location {
    type Err = NotALocation;

    fn from_str(text: &str) -> Result<Self, NotALocation> {
        let refuse = || NotALocation { found: text.chars().take(200).collect() };
        let place = text.strip_prefix(Self::SCHEME).ok_or_else(refuse)?;
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        if !is_bucket(bucket) || !is_prefix(prefix) {
            return Err(refuse());
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { bucket: bucket.to_owned(), prefix })
    }
}

/// Tells whether a text can be the name of a bucket.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_bucket(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_inside = |byte: u8| inner(byte) || byte == b'.' || byte == b'-';
    let ends = text.bytes().next().zip(text.bytes().next_back());
    (3..=63).contains(&text.len())
        && text.bytes().all(is_inside)
        && ends.is_some_and(|(first, last)| inner(first) && inner(last))
        && !text.contains("..")
}

/// Tells whether a text can be a prefix: names without characters that an address encodes, with single slashes between
/// them.
fn is_prefix(text: &str) -> bool {
    let is_name = |name: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        !matches!(name, "" | "." | "..") && name.bytes().all(is_plain)
    };
    text.is_empty() || text.len() <= MAX_PREFIX_CHARS && text.split('/').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_bucket_and_a_prefix() {
        for (text, bucket, key, shown) in [
            ("s3://bucket", "bucket", "index.json", "s3://bucket/index.json"),
            ("s3://bucket/", "bucket", "index.json", "s3://bucket/index.json"),
            (
                "s3://my.bucket-1/a/B_c.d",
                "my.bucket-1",
                "a/B_c.d/index.json",
                "s3://my.bucket-1/a/B_c.d/index.json",
            ),
            ("s3://bucket/a/", "bucket", "a/index.json", "s3://bucket/a/index.json"),
        ] {
            let location: Location = text.parse().unwrap();
            let of = (location.bucket(), location.key("index.json"), location.shown("index.json"));
            assert_eq!(of, (bucket, key.to_owned(), shown.to_owned()));
            assert_eq!(location.to_string().parse::<Location>().unwrap(), location);
            assert_eq!(location.below(&location.key("x")), Some("x"));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let long = format!("s3://bucket/{}", "a".repeat(MAX_PREFIX_CHARS + 1));
        for text in [
            "",
            "bucket",
            "s3://",
            "s3://ab",
            "s3://Bucket",
            "s3://-bucket",
            "s3://a..b",
            "S3://bucket",
            "s3://bucket//a",
            "s3://bucket/../a",
            "s3://bucket/./a",
            "s3://bucket/a b",
            "s3://bucket/a?b",
            "s3://bucket/%61",
            "s3://bucket/ä",
            "s3://user@bucket",
            "s3://bucket:1/a",
            &long,
        ] {
            let error = text.parse::<Location>().unwrap_err().to_string();
            assert!(error.contains("s3://BUCKET/PREFIX"), "{text}: {error}");
        }
    }
}
