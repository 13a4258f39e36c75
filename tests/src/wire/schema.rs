//! Validates messages with the official JSON schemas of `tests/schemas/`, which are compiled into the tests.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonschema::{ValidationError, Validator, ValidatorMap};
use serde_json::Value;

use super::definition::Definition;
use crate::client::Revision;

/// The official schema of 2026-07-28.
const MODERN: &[u8] = include_bytes!("../../schemas/2026-07-28/schema.json");

/// The official schema of 2025-11-25.
const NOVEMBER_2025: &[u8] = include_bytes!("../../schemas/2025-11-25/schema.json");

/// The compiled schemas, one for each revision that has one here.
struct Schemas {
    modern: ValidatorMap,
    november_2025: ValidatorMap,
}

/// Checks a message against a definition.
///
/// # Errors
/// The message does not fulfil the definition; the text tells where and why.
pub(super) fn check(definition: &Definition, message: &Value) -> Result<(), String> {
    static SCHEMAS: LazyLock<Schemas> = LazyLock::new(Schemas::compile);
    SCHEMAS.check(definition, message)
}

impl Schemas {
    fn compile() -> Self {
        Self { modern: compile(MODERN), november_2025: compile(NOVEMBER_2025) }
    }

    fn check(&self, definition: &Definition, message: &Value) -> Result<(), String> {
        self.validate(definition.revision, definition.message, message)?;
        match definition.result {
            Some(result) => self.validate(definition.revision, result, &message["result"]),
            None => Ok(()),
        }
    }

    fn validate(&self, revision: Revision, definition: &str, part: &Value) -> Result<(), String> {
        let validator = self.of(revision, definition);
        let mut errors = validator.iter_errors(part).map(|error| explain(&error)).peekable();
        match errors.peek() {
            None => Ok(()),
            Some(_) => Err(format!("not a {definition}: {}", errors.collect::<Vec<_>>().join("; "))),
        }
    }

    fn of(&self, revision: Revision, definition: &str) -> &Validator {
        let map = match revision {
            Revision::Modern => &self.modern,
            _ => &self.november_2025,
        };
        map.get(&format!("#/$defs/{definition}"))
            .unwrap_or_else(|| panic!("{} defines no {definition}", revision.name()))
    }
}

/// Compiles every definition of a schema, formats included.
fn compile(schema: &[u8]) -> ValidatorMap {
    let schema = serde_json::from_slice(schema).expect("an official schema is JSON");
    let options = jsonschema::options().should_validate_formats(true).with_format("byte", is_base64);
    options.build_map(&schema).expect("an official schema is valid")
}

fn is_base64(text: &str) -> bool {
    STANDARD.decode(text).is_ok()
}

fn explain(error: &ValidationError<'_>) -> String {
    format!("{} at {:?}", error, error.instance_path().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Reports whether the schema of a revision refuses a response to `method`.
    fn refused(revision: Revision, method: &str, message: &Value) -> bool {
        let definition = super::super::definition::of(message, revision, Some(method));
        check(&definition, message).is_err()
    }

    #[test]
    fn a_message_that_fulfils_the_schema_passes() {
        let tool = json!({"name": "a", "inputSchema": {"type": "object"}});
        let result = json!({"resultType": "complete", "tools": [tool], "ttlMs": 1, "cacheScope": "public"});
        let message = json!({"jsonrpc": "2.0", "id": 1, "result": result});
        for revision in Revision::ERAS {
            let definition = super::super::definition::of(&message, revision, Some("tools/list"));
            assert_eq!(check(&definition, &message), Ok(()), "{revision:?}");
        }
    }

    #[test]
    fn a_member_that_is_missing_or_of_another_type_is_refused() {
        let tools = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": []}});
        assert!(refused(Revision::Modern, "tools/list", &tools), "no resultType, ttlMs and cacheScope");
        let image = json!({"type": "image", "mimeType": "image/png", "data": "no base64"});
        let called = json!({"jsonrpc": "2.0", "id": 1, "result": {"content": [image]}});
        assert!(refused(Revision::November2025, "tools/call", &called), "data is not base64");
        let refusal = json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32700, "message": "no"}});
        assert!(refused(Revision::March2025, "tools/list", &refusal), "null is no id");
        let version = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32022, "message": "no"}});
        assert!(refused(Revision::March2025, "tools/list", &version), "no data");
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": "sampling/createMessage", "params": {}});
        assert!(refused(Revision::Modern, "tools/call", &request), "a server sends no requests");
    }
}
