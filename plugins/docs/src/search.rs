//! Searching.

use crate::exports::samples::docs::tools::{Found, Hit};
use crate::library::Page;
use crate::uri;

/// Characters of a line that a hit shows.
const MAX_LINE_CHARACTERS: usize = 200;

/// Finds the lines that hold `text`, in any letter case.
pub(crate) fn search(pages: &[Page], text: &str, max_hits: usize) -> Found {
    let wanted = text.to_lowercase();
    let mut hits = pages.iter().flat_map(|page| in_page(page, &wanted));
    let shown = hits.by_ref().take(max_hits).collect();
    Found { hits: shown, more: hits.next().is_some() }
}

/// Summarizes the matches.
pub(crate) fn summary(found: &Found) -> String {
    let lines: Vec<_> =
        found.hits.iter().map(|hit| format!("{}:{}: {}", hit.uri, hit.line, hit.text)).collect();
    match (lines.is_empty(), found.more) {
        (true, _) => "Nothing was found.".to_owned(),
        (false, false) => lines.join("\n"),
        (false, true) => format!("{}\nThere is more.", lines.join("\n")),
    }
}

fn in_page(page: &Page, wanted: &str) -> impl Iterator<Item = Hit> {
    let uri = uri::of(&page.path);
    let lines = page.text.lines().enumerate().filter(move |(_, line)| line.to_lowercase().contains(wanted));
    lines.map(move |(index, line)| Hit {
        uri: uri.clone(),
        line: index as u32 + 1,
        text: line.chars().take(MAX_LINE_CHARACTERS).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::{search, summary};
    use crate::library::tests::sample;

    #[test]
    fn lines_of_all_pages_are_found_in_any_letter_case() {
        let found = search(&sample().pages().unwrap(), "SERVER", 10);
        let places: Vec<_> = found.hits.iter().map(|hit| (hit.uri.as_str(), hit.line)).collect();
        assert_eq!(
            places,
            [("docs:///guides/alerts.md", 3), ("docs:///guides/backup.md", 5), ("docs:///index.md", 3)]
        );
        assert!(!found.more);
    }

    #[test]
    fn hits_up_to_the_limit_are_all_and_one_more_is_announced() {
        let pages = sample().pages().unwrap();
        assert!(!search(&pages, "server", 3).more);
        let fewer = search(&pages, "server", 2);
        assert_eq!((fewer.hits.len(), fewer.more), (2, true));
    }

    #[test]
    fn nothing_found_is_said() {
        assert_eq!(summary(&search(&sample().pages().unwrap(), "submarine", 10)), "Nothing was found.");
    }
}
