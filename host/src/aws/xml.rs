//! Finds elements in what AWS writes: flat documents without attributes that matter, comments or references to others.

/// Returns the text of the first element `name`.
pub(crate) fn text(xml: &str, name: &str) -> Option<String> {
    elements(xml, name).next().map(unescaped)
}

/// Returns the contents of each element `name`, as they stand. Elements of that name inside of one another are not
/// supported; AWS has none.
pub(crate) fn elements<'x>(xml: &'x str, name: &str) -> impl Iterator<Item = &'x str> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&start)?;
        let (content, left) = after.split_once(&end)?;
        rest = left;
        Some(content)
    })
}

/// Resolves the references of characters that AWS writes.
fn unescaped(text: &str) -> String {
    const NAMED: [(&str, &str); 5] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'")];
    let text = NAMED.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&#34;", "\"").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_name() {
        let xml =
            "<a><Key>one</Key><KeyCount>2</KeyCount><Key>&quot;two&quot; &amp;amp; &lt;</Key><Key/></a>";
        assert_eq!(elements(xml, "Key").collect::<Vec<_>>(), ["one", "&quot;two&quot; &amp;amp; &lt;"]);
        assert_eq!(text("<Key>&quot;two&quot; &amp;amp; &lt;</Key>", "Key").unwrap(), "\"two\" &amp; <");
        assert_eq!(text(xml, "KeyCount").unwrap(), "2");
        assert_eq!(text(xml, "Absent"), None);
        assert_eq!(text("<Key>one", "Key"), None);
    }
}
