//! Asks for lists of objects (`ListObjectsV2`), and reads them.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>

use super::location::Location;
use crate::aws::xml;
use crate::percent::encoded;

/// An object in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its key below the prefix of the bucket.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// The time at which it was last written, as S3 writes it: RFC 3339 in UTC, such as `2026-11-30T12:00:00.000Z`.
    pub modified: String,
}

/// A page of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) objects: Vec<Listed>,
    /// The token that asks for the next page, if there is one.
    pub(super) next: Option<String>,
}

/// Writes the query for a page of the objects whose keys start with `start`. Its parameters are in alphabetical order,
/// as they are signed.
pub(super) fn query(location: &Location, start: &str, token: Option<&str>) -> String {
    let mut query = String::new();
    if let Some(token) = token {
        query.push_str("continuation-token=");
        query.push_str(&encoded(token));
        query.push('&');
    }
    query.push_str("list-type=2&prefix=");
    query.push_str(&encoded(&location.key(start)));
    query
}

/// Reads a page; `None` if it is not as S3 writes them.
pub(super) fn read(page: &[u8], location: &Location) -> Option<Page> {
    let page = std::str::from_utf8(page).ok()?;
    let page = page.contains("<ListBucketResult").then_some(page)?;
    let mut objects = Vec::new();
    for object in xml::elements(page, "Contents") {
        objects.push(Listed {
            key: location.below(&xml::text(object, "Key")?)?.to_owned(),
            bytes: xml::text(object, "Size")?.parse().ok()?,
            modified: xml::text(object, "LastModified")?,
        });
    }
    let next = match xml::text(page, "IsTruncated")?.as_str() {
        "true" => Some(xml::text(page, "NextContinuationToken")?),
        _ => None,
    };
    Some(Page { objects, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>a/</Prefix>
<NextContinuationToken>1/a=&amp;b</NextContinuationToken><KeyCount>1</KeyCount><IsTruncated>true</IsTruncated>
<Contents><Key>a/objects/x</Key><LastModified>2026-11-30T12:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>
<Size>7</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"#;

    fn location() -> Location {
        "s3://bucket/a".parse().unwrap()
    }

    #[test]
    fn a_page_is_read_and_the_next_one_asked_for() {
        let page = read(PAGE.as_bytes(), &location()).unwrap();
        let modified = "2026-11-30T12:00:00.000Z".to_owned();
        assert_eq!(page.objects, [Listed { key: "objects/x".to_owned(), bytes: 7, modified }]);
        let query = query(&location(), "objects/", page.next.as_deref());
        assert_eq!(query, "continuation-token=1%2Fa%3D%26b&list-type=2&prefix=a%2Fobjects%2F");
    }

    #[test]
    fn a_page_that_lacks_something_is_refused() {
        for (part, other) in [
            ("<ListBucketResult", "<Error"),
            ("<Size>7</Size>", ""),
            ("<Size>7", "<Size>-7"),
            ("<Key>a/objects/x</Key>", "<Key>elsewhere/x</Key>"),
            ("<NextContinuationToken>1/a=&amp;b</NextContinuationToken>", ""),
            ("<IsTruncated>true</IsTruncated>", ""),
        ] {
            let page = PAGE.replace(part, other);
            assert_eq!(read(page.as_bytes(), &location()), None, "{part}");
        }
    }
}
