//! WIT types and JSON without a guest: the decoder that serves calls, by way of the check of a default.

use serde_json::Value;
use serde_json::value::RawValue;
use toolcell_host::codec::{PlanError, Type, schema};

use super::choices::Choices;
use super::validator::is_valid;
use super::wit_type::{any_type, function};
use super::wit_value::Sample;

/// Reads a type and a value, or any JSON in its place. The decoder accepts what the schema that clients see accepts, and a
/// value of the type.
pub fn json(data: &[u8]) {
    let mut choices = Choices::new(data);
    let ty = any_type(&mut choices);
    let is_any = choices.below(8) == 7;
    let (text, is_plain) = if is_any {
        let Ok(text) = std::str::from_utf8(choices.rest()) else { return };
        (text.to_owned(), false)
    } else {
        let Sample { json, is_plain } = Sample::new(&mut choices, &ty);
        (json.to_string(), is_plain)
    };
    // What is no JSON does not come this far: the body of its request is none.
    let Ok(raw) = RawValue::from_string(text.clone()) else { return };
    let mut subject = function(&ty, Type::Bool);
    let schema = schema::input(&subject);
    subject.params[0].default = Some(raw);
    let refusal = match subject.check() {
        Ok(_) => None,
        Err(PlanError::Sample { source, .. }) => Some(source),
        Err(other) => panic!("a plain function is refused: {other}"),
    };
    let accepted = accepts(&schema, &text);
    match refusal {
        None => {}
        Some(error) => {
            assert!(!is_plain, "a value is refused: {text} for {ty:?}: {error}");
            assert_eq!(error.to_string().lines().count(), 1, "{error}");
            // A name that occurs twice, and digits that JSON Schema does not see, are in any text alone.
            let is_explained = is_any || accepted != Some(true);
            assert!(is_explained, "the schema accepts what is refused: {text} for {ty:?}: {error}");
        }
    }
}

/// Tells whether a schema accepts `{"x": TEXT}`; `None` where serde_json cannot hold the text.
pub(super) fn accepts(schema: &Value, text: &str) -> Option<bool> {
    let arguments: Value = serde_json::from_str(&format!("{{\"x\":{text}}}")).ok()?;
    Some(is_valid(schema, &arguments))
}
