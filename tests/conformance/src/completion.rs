//! Completion of the arguments of one prompt.

use crate::Conformance;
use crate::exports::toolcell::plugin::completion::{Guest, Proposals, Reference};

const WORDS: [&str; 6] = ["paris", "park", "party", "test", "testing", "text"];

impl Guest for Conformance {
    fn complete(
        reference: Reference,
        _argument: String,
        value: String,
        _context: Vec<(String, String)>,
    ) -> Result<Proposals, String> {
        let known = matches!(reference, Reference::Prompt(name) if name == "test_prompt_with_arguments");
        let fitting = WORDS.iter().filter(|word| known && word.starts_with(&value));
        let values: Vec<_> = fitting.map(|word| (*word).to_owned()).collect();
        Ok(Proposals { total: Some(values.len() as u32), values, has_more: false })
    }
}
