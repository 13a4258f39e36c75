//! Texts that steer a model: takes them out of WIT documentation and refuses what hides something.

use std::collections::BTreeMap;

/// The documentation of a function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FunctionDocs {
    /// Everything but the `@param` lines.
    pub text: Option<String>,
    /// `@param name text`, by WIT name; a text goes on until an empty line or the next `@`.
    pub params: BTreeMap<String, String>,
}

/// Most characters of a description; some clients cut at 1,024, none was seen to take less.
pub const DESCRIPTION_CHARS: usize = 8_192;

/// Most characters of a title.
pub const TITLE_CHARS: usize = 128;

/// Splits a function's documentation.
pub fn parse(docs: &str) -> FunctionDocs {
    let mut text = Vec::new();
    let mut params: BTreeMap<String, String> = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in docs.lines().map(str::trim) {
        if let Some(param) = line.strip_prefix("@param ") {
            let (name, rest) = param.trim().split_once(char::is_whitespace).unwrap_or((param.trim(), ""));
            params.insert(name.to_string(), rest.trim().to_string());
            current = Some(name.to_string());
        } else if line.is_empty() || line.starts_with('@') {
            current = None;
            text.push(line);
        } else if let Some(param) = current.as_ref().and_then(|name| params.get_mut(name)) {
            param.push(' ');
            param.push_str(line);
        } else {
            text.push(line);
        }
    }
    let text = text.join("\n").trim().to_string();
    FunctionDocs { text: (!text.is_empty()).then_some(text), params }
}

/// Names the fault of a text for clients or models.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A character that shows nothing or turns the text around.
    #[error("U+{code:04X} at character {at}: a control, bidirectional or invisible character", code = u32::from(*.character))]
    Hidden {
        /// The character.
        character: char,
        /// Its position, from 1.
        at: usize,
    },
    /// Longer than the cap.
    #[error("{chars} characters, at most {cap} are accepted")]
    Long {
        /// Its length.
        chars: usize,
        /// The cap.
        cap: usize,
    },
}

/// Checks a text against a cap, and for characters that a reader would not see.
///
/// # Errors
/// The first fault.
pub fn check(text: &str, cap: usize) -> Result<(), TextError> {
    if let Some((at, character)) = text.chars().enumerate().find(|(_, character)| is_hidden(*character)) {
        return Err(TextError::Hidden { character, at: at + 1 });
    }
    let chars = text.chars().count();
    if chars > cap { Err(TextError::Long { chars, cap }) } else { Ok(()) }
}

fn is_hidden(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // Soft hyphen, Arabic letter mark, Hangul and Khmer fillers, Mongolian separators.
        '\u{ad}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' => true,
        // Zero-width and bidirectional characters, invisible operators; a zero-width joiner is part of emoji.
        '\u{200d}' => false,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' => true,
        // Shorthand and musical format controls, tags, further variation selectors.
        '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' => true,
        // Private use.
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn param_lines_leave_the_text_and_go_on_until_an_empty_line() {
        let docs = parse(
            "Makes a slug.\n\n@param text What to turn\n  into one.\n@param max-length Cut here.\n\nSee also.",
        );
        assert_eq!(docs.text.as_deref(), Some("Makes a slug.\n\n\nSee also."));
        assert_eq!(docs.params["text"], "What to turn into one.");
        assert_eq!(docs.params["max-length"], "Cut here.");
    }

    #[test]
    fn hidden_characters_are_found_wherever_they_are() {
        for hidden in ['\u{202e}', '\u{200b}', '\u{7}', '\u{e0041}', '\u{1b}'] {
            assert_eq!(
                check(&format!("ab{hidden}"), 10),
                Err(TextError::Hidden { character: hidden, at: 3 })
            );
        }
        assert_eq!(check("Zeile\nmit Umlauten: äöü 🦀 日本", 100), Ok(()));
        assert_eq!(check("abc", 2), Err(TextError::Long { chars: 3, cap: 2 }));
    }
}
