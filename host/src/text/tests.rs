//! Texts that are accepted, and texts that hide something.

use super::*;

#[test]
fn hidden_characters_are_found_wherever_they_are() {
    let hidden = [
        '\u{0}',
        '\u{7}',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{180e}',
        '\u{200b}',
        '\u{200e}',
        '\u{202a}',
        '\u{202e}',
        '\u{2028}',
        '\u{2060}',
        '\u{2066}',
        '\u{2069}',
        '\u{3164}',
        '\u{fe00}',
        '\u{feff}',
        '\u{fffe}',
        '\u{e000}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e007f}',
        '\u{e0100}',
        '\u{10fffd}',
    ];
    for character in hidden {
        for (text, at) in
            [(format!("{character}ab"), 1), (format!("ab{character}"), 3), (format!("a{character}b"), 2)]
        {
            assert_eq!(check(&text, 10), Err(TextError::Hidden { character, at }), "{text:?}");
        }
    }
    assert_eq!(
        check("a\rb", 10),
        Err(TextError::Hidden { character: '\r', at: 2 }),
        "it covers what is before it"
    );
    assert_eq!(check("a\r\nb", 10), Ok(()));
}

#[test]
fn a_text_has_as_many_characters_as_its_cap_and_no_more() {
    assert_eq!(check("äöü", 3), Ok(()));
    assert_eq!(check("äöüß", 3), Err(TextError::Long { chars: 4, cap: 3 }));
}

#[test]
fn what_languages_and_emoji_need_is_accepted() {
    for text in [
        "Zeile\nmit\tUmlauten: äöü 日本 한국어 עברית العربية",
        // Persian: "I want", "books".
        "می\u{200c}خواهم کتاب\u{200c}ها",
        // Hindi, Bengali, Sinhala and Malayalam: conjuncts, an old chillu at the end of a word.
        "क्\u{200d}ष क्\u{200c}ष র্\u{200d}য ශ්\u{200d}රී അവന്\u{200d} ",
        // A family, a flag of two emoji, a woman with a skin tone at work, a heart in style, a keycap.
        "👨\u{200d}👩\u{200d}👧 🏳\u{fe0f}\u{200d}🌈 👩🏽\u{200d}💻 ❤\u{fe0f} ❤\u{fe0f}\u{200d}🔥 1\u{fe0f}⃣ ☎\u{fe0e}",
    ] {
        assert_eq!(check(text, 200), Ok(()), "{text}");
    }
}

#[test]
fn joiners_are_refused_where_nothing_joins() {
    for text in [
        "a\u{200d}b",
        "a\u{200c}b",
        "\u{200d}a",
        "a\u{200d}",
        "1\u{200c}2",
        "🦀\u{200d}",
        "\u{200c}می",
        "می\u{200c}",
        "می\u{200c}\u{200c}خ",
        "می\u{200c}\u{200d}خ",
        "👨\u{200d}a",
        "a\u{200d}👨",
        "a\u{fe0f}",
        "\u{fe0f}",
        "❤\u{fe0f}\u{fe0f}",
        "क\u{200d}",
        "日\u{200d}本",
        "\u{6f1}\u{200c}\u{6f2}",
    ] {
        assert!(matches!(check(text, 200), Err(TextError::Joins { .. })), "{text:?}: {:?}", check(text, 200));
    }
}

#[test]
fn a_hidden_character_is_shown_by_its_number() {
    assert_eq!(Shown("a\u{202e}b\nc\u{7}").to_string(), "a\\u{202e}b\nc\\u{7}");
    assert_eq!(Shown("é 🦀 می\u{200c}خ").to_string(), "é 🦀 می\u{200c}خ");
}

#[test]
fn what_hides_is_replaced_where_a_text_must_not_fail() {
    let text = "Publish?\r\n\tmore: می\u{200c}خ 👩\u{200d}💻";
    assert!(matches!(seen(text), Cow::Borrowed(same) if same == text));
    assert_eq!(seen("a\u{202e}b\u{200d}c\rd"), "a\u{fffd}b\u{fffd}c\u{fffd}d");
}
