//! Letter cases.

use crate::LetterCase;
use crate::word::words;

/// Writes the words of `text` in another letter case.
pub(crate) fn change(text: &str, to: LetterCase) -> String {
    let words = words(text);
    let lower = || words.iter().map(|word| word.to_lowercase());
    let capital = || words.iter().map(|word| capitalize(word));
    let upper = || words.iter().map(|word| word.to_uppercase());
    match to {
        LetterCase::Lower => join(lower(), " "),
        LetterCase::Upper => join(upper(), " "),
        LetterCase::Title => join(capital(), " "),
        LetterCase::Sentence => join(capital().take(1).chain(lower().skip(1)), " "),
        LetterCase::Camel => join(lower().take(1).chain(capital().skip(1)), ""),
        LetterCase::Pascal => join(capital(), ""),
        LetterCase::Snake => join(lower(), "_"),
        LetterCase::Kebab => join(lower(), "-"),
        LetterCase::Constant => join(upper(), "_"),
    }
}

fn capitalize(word: &str) -> String {
    let mut letters = word.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
}

fn join(words: impl Iterator<Item = String>, separator: &str) -> String {
    words.collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::change;
    use crate::LetterCase;

    #[test]
    fn every_case_is_written_as_its_documentation_shows() {
        let written = [
            (LetterCase::Lower, "like this"),
            (LetterCase::Upper, "LIKE THIS"),
            (LetterCase::Title, "Like This"),
            (LetterCase::Sentence, "Like this"),
            (LetterCase::Camel, "likeThis"),
            (LetterCase::Pascal, "LikeThis"),
            (LetterCase::Snake, "like_this"),
            (LetterCase::Kebab, "like-this"),
            (LetterCase::Constant, "LIKE_THIS"),
        ];
        for (case, expected) in written {
            assert_eq!(change("LikeThis", case), expected);
            assert_eq!(change(" like_THIS!", case), expected);
        }
    }

    #[test]
    fn a_text_without_words_becomes_empty() {
        assert_eq!(change("...", LetterCase::Camel), "");
    }
}
