//! Undoes what programs do to a text when they pass it on, so that a secret in it is found however it is written.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use toolcell_host::percent;

/// How many spellings, one inside of the other, are undone.
const MAX_LAYERS: usize = 4;

/// Shorter words hold nothing that is long enough to be a secret.
const MIN_WORD_BYTES: usize = 11;

/// Reads base64 without its padding, and also if bits are left over.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::RequireNone)
    .with_decode_allow_trailing_bits(true);

/// The alphabets of base64, each with its letters that are neither letters of English nor digits.
const ALPHABETS: [(GeneralPurpose, [char; 2]); 2] = [
    (GeneralPurpose::new(&alphabet::STANDARD, LENIENT), ['+', '/']),
    (GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT), ['-', '_']),
];

/// Tells whether something is found in a text, or in what the text stands for.
pub(super) fn has(text: &str, is_found: &impl Fn(&str) -> bool) -> bool {
    has_within(text, MAX_LAYERS, is_found)
}

fn has_within(text: &str, layers: usize, is_found: &impl Fn(&str) -> bool) -> bool {
    is_found(text) || layers > 0 && readings(text).iter().any(|inner| has_within(inner, layers - 1, is_found))
}

/// Returns what a text may stand for: without the escapes of JSON, without those of addresses and forms, and what is
/// base64 in it.
fn readings(text: &str) -> Vec<String> {
    let of_address = |text: &str| String::from_utf8_lossy(&percent::decoded(text)).into_owned();
    let mut all = vec![without_backslashes(text), of_address(text), of_address(&text.replace('+', " "))];
    all.extend(ALPHABETS.iter().map(|(engine, marks)| out_of_base64(text, engine, marks)));
    all.retain(|reading| !reading.is_empty() && reading != text);
    all.sort();
    all.dedup();
    all
}

/// Undoes the escapes of JSON; what only looks like one stays.
fn without_backslashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        let (letter, length) = escape(after).unwrap_or(('\\', 0));
        out.push_str(before);
        out.push(letter);
        rest = &after[length..];
    }
    out.push_str(rest);
    out
}

/// Reads what stands after a backslash: a letter, four digits, or twice four digits. Returns how long it is, too.
fn escape(after: &str) -> Option<(char, usize)> {
    let read = |length: usize| {
        let text = format!("\"\\{}\"", after.get(..length)?);
        Some((serde_json::from_str(&text).ok()?, length))
    };
    [1, 5, 11].into_iter().find_map(read)
}

/// Returns the words of a text that are base64, decoded, each on a line.
fn out_of_base64(text: &str, engine: &GeneralPurpose, marks: &[char; 2]) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && !marks.contains(&letter));
    let decoded = words.filter(|word| word.len() >= MIN_WORD_BYTES).filter_map(|word| {
        let odd = usize::from(word.len() % 4 == 1); // a letter too many stands for no byte
        engine.decode(&word[..word.len() - odd]).ok()
    });
    let lines: Vec<_> = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_every_spelling_and_in_spellings_of_spellings() {
        let finds = |text: &str| has(text, &|text| text.contains("s3cret/va+l ué😀"));
        for text in [
            "a s3cret/va+l ué😀 b",
            r"{\u0022k\u0022:\u0022s3cret\/va\u002Bl u\u00e9\ud83d\ude00\u0022}",
            r#"{"text":"{\"k\":\"{\\\"k\\\":\\\"s3cret\\\\\\/va+l ué😀\\\"}\"}"}"#,
            "?k=s3cret/va%2Bl%20u%c3%a9%F0%9F%98%80&l",
            "k=s3cret%2fva%2Bl+u%C3%A9%F0%9F%98%80",
            "/?next=%3Fk%3Ds3cret%252Fva%252Bl%2520u%25C3%25A9%25F0%259F%2598%2580",
            "Basic dXNlcjpzM2NyZXQvdmErbCB1w6nwn5iA",
            "k.dXNlcjpzM2NyZXQvdmErbCB1w6nwn5iAIQ==.l",
            r#"["dXNlcjpzM2NyZXQvdmErbCB1w6nwn5iAPz8\/"]"#,
            "dXNlcjpzM2NyZXQvdmErbCB1w6nwn5iAPz8_",
        ] {
            assert!(finds(text), "{text}");
        }
        for text in ["", "\\", "\\u12", "\\ud83d", "%", "s3cret", "s3cret/va-l ué😀", "aaaaaaaaaaaaa"] {
            assert!(!finds(text), "{text}");
        }
    }
}
