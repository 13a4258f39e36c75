//! Finding the words of a name, for slugs and letter cases.

/// The words of `text`, as they are written there.
///
/// A word ends at anything that is neither letter nor digit, before an upper-case letter that follows a
/// lower-case one or a digit (`max|Length`), and before the last capital of a run of capitals that goes
/// on in lower case (`HTTP|Server`). An apostrophe within a word is dropped (`don't` is one word).
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in text.split(|c: char| !c.is_alphanumeric() && !is_apostrophe(c)) {
        let letters: Vec<char> = part.chars().filter(|c| !is_apostrophe(*c)).collect();
        split_at_humps(&letters, &mut words);
    }
    words
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

fn split_at_humps(letters: &[char], words: &mut Vec<String>) {
    let mut start = 0;
    for at in 1..letters.len() {
        if starts_hump(letters, at) {
            words.push(letters[start..at].iter().collect());
            start = at;
        }
    }
    if start < letters.len() {
        words.push(letters[start..].iter().collect());
    }
}

fn starts_hump(letters: &[char], at: usize) -> bool {
    let (before, here, after) = (letters[at - 1], letters[at], letters.get(at + 1));
    here.is_uppercase() && (!before.is_uppercase() || after.is_some_and(|next| next.is_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_end_at_white_space_punctuation_and_humps() {
        assert_eq!(words("parse HTTPServer.maxLength_2"), ["parse", "HTTP", "Server", "max", "Length", "2"]);
    }

    #[test]
    fn an_apostrophe_ends_no_word() {
        assert_eq!(words("don't, l’été"), ["dont", "lété"]);
    }

    #[test]
    fn punctuation_alone_holds_no_word() {
        assert!(words(" -- ' … ").is_empty());
    }
}
