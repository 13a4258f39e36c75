//! A toolkit for plain text. The contract of every function is in `wit/world.wit`.

mod case;
mod count;
mod diff;
mod slug;
mod sort;
mod truncate;
mod word;

wit_bindgen::generate!({ world: "text", path: "wit", generate_all });

use exports::samples::text::tools::{
    Guest, LetterCase, SortOptions, TextCounts, TextDiff, TextError, Truncation,
};

struct Text;

impl Guest for Text {
    fn count_text(text: String) -> TextCounts {
        count::count(&text)
    }

    fn make_slug(text: String, max_length: u32) -> Result<String, TextError> {
        slug::slug(&text, max_length as usize)
    }

    fn change_case(text: String, to: LetterCase) -> String {
        case::change(&text, to)
    }

    fn truncate_text(text: String, max_length: u32, ending: Option<String>) -> Result<Truncation, TextError> {
        truncate::truncate(&text, max_length as usize, ending.as_deref().unwrap_or("…"))
    }

    fn sort_lines(text: String, options: SortOptions) -> String {
        sort::sort(&text, options)
    }

    fn diff_text(before: String, after: String, context: u32) -> Result<TextDiff, TextError> {
        diff::diff(&before, &after, context as usize)
    }
}

export!(Text);
