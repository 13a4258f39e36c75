//! Slugs.

use crate::TextError;

/// Turns `text` into lower-case ASCII words joined by hyphens, at most `max_length` characters long.
///
/// # Errors
/// [`TextError::NothingLeft`] where no ASCII letter or digit remains.
pub(crate) fn slug(text: &str, max_length: usize) -> Result<String, TextError> {
    let plain: String = text.chars().flat_map(to_ascii).collect();
    let mut slug = String::new();
    for word in plain.split('-').filter(|word| !word.is_empty()) {
        let separator = usize::from(!slug.is_empty());
        if slug.len() + separator + word.len() > max_length {
            break;
        }
        if separator == 1 {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if slug.is_empty() {
        // The first word alone is too long, or there is none.
        let first = plain.split('-').find(|word| !word.is_empty());
        slug.extend(first.into_iter().flat_map(|word| word.chars().take(max_length)));
    }
    if slug.is_empty() { Err(TextError::NothingLeft) } else { Ok(slug) }
}

/// One character in lower-case ASCII: nothing for an apostrophe, a hyphen for what has no equivalent.
fn to_ascii(c: char) -> Vec<char> {
    let lower = c.to_lowercase().next().unwrap_or(c);
    let written = match lower {
        'a'..='z' | '0'..='9' => return vec![lower],
        '\'' | '’' | '\u{300}'..='\u{36f}' => "",
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ð' | 'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'ł' | 'ĺ' | 'ľ' | 'ļ' => "l",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ō' | 'ő' => "o",
        'ö' | 'œ' => "oe",
        'ŕ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'ü' => "ue",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        '&' => "-and-",
        _ => "-",
    };
    written.chars().collect()
}

#[cfg(test)]
mod tests {
    use super::slug;
    use crate::TextError;

    #[test]
    fn accents_punctuation_and_apostrophes_go() {
        assert_eq!(slug("Crème Brûlée: the chef's recipe", 80).unwrap(), "creme-brulee-the-chefs-recipe");
        assert_eq!(slug("  Größe & Maß ", 80).unwrap(), "groesse-and-mass");
    }

    #[test]
    fn a_slug_is_cut_at_the_end_of_a_word() {
        assert_eq!(slug("one two three", 10).unwrap(), "one-two");
        assert_eq!(slug("one two three", 13).unwrap(), "one-two-three");
    }

    #[test]
    fn a_first_word_longer_than_the_limit_is_cut() {
        assert_eq!(slug("incomprehensibilities", 6).unwrap(), "incomp");
    }

    #[test]
    fn a_text_without_letters_and_digits_has_no_slug() {
        assert!(matches!(slug("…!?", 80), Err(TextError::NothingLeft)));
        assert!(matches!(slug("", 80), Err(TextError::NothingLeft)));
    }
}
