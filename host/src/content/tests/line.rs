//! JSON that plugins write themselves.

use super::*;
use crate::content::line::one_line;

#[test]
fn whitespace_between_tokens_is_removed_and_nothing_else() {
    for (text, line) in [
        ("{}", "{}"),
        (" \t\r\n{ } ", "{}"),
        (
            "[ 1.0 , 1e5 ,-0.0, 1E-400, 12345678901234567890123 ]",
            "[1.0,1e5,-0.0,1E-400,12345678901234567890123]",
        ),
        (r#"{"a" : 1, "a" : 2}"#, r#"{"a":1,"a":2}"#),
        (r#"[" \n\t\u000a\\", "\"" , "\\\" ", "/\/"]"#, r#"[" \n\t\u000a\\","\"","\\\" ","/\/"]"#),
        (
            "[\"\u{e9} \u{1F600} \u{2028}\", \"\\ud83d\\ude00\"]",
            "[\"\u{e9} \u{1F600} \u{2028}\",\"\\ud83d\\ude00\"]",
        ),
        ("[ true , false , null ]", "[true,false,null]"),
        (r#""\\" "#, r#""\\""#),
    ] {
        assert_eq!(one_line(text).as_deref(), Ok(line));
    }
}

#[test]
fn what_is_no_json_or_unreadable_for_some_client_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "1 2",
        "[1 2]",
        "tru e",
        "{a:1}",
        "[1,]",
        "01",
        "+1",
        "NaN",
        "\"\n\"",
        "\"\\x\"",
        "\u{feff}{}",
        "/**/{}",
        "1e400",
        "[-1e999]",
        r#""\ud800""#,
        r#""\udc00\ud800""#,
        r#"{"\udfff":1}"#,
        r#""\ud800\u0041""#,
    ] {
        assert!(one_line(text).is_err(), "{text}");
    }
}

#[test]
fn json_nests_at_most_a_hundred_deep() {
    let nested = |depth: usize| format!("{}{}", "[{\"a\":".repeat(depth / 2), "1") + &"}]".repeat(depth / 2);
    assert!(one_line(&nested(MAX_NESTING)).is_ok());
    assert!(one_line(&nested(MAX_NESTING + 2)).is_err());
    let wide = format!("[{}[]]", "[],".repeat(1000));
    assert_eq!(one_line(&wide), Ok(wide), "what is closed does not count");
    let quoted = format!("\"{}\"", "[".repeat(1000));
    assert_eq!(one_line(&quoted), Ok(quoted), "brackets in strings do not count");
    assert!(one_line(&"[".repeat(1_000_000)).is_err(), "and nothing overflows the stack");
}
