//! The official JSON schemas, which are no part of this repository: `../shared/mcp` beside it, or the directory that
//! `TOOLCELL_MCP_SCHEMAS` names, holds `<revision>/schema.json`.
//!
//! A clone without them checks nothing here, and leaves it to the official conformance suite, which checks the same
//! of what it calls (`wire-schema-valid`).

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonschema::{ValidationError, Validator, ValidatorMap};
use serde_json::Value;

use super::definition::Definition;
use crate::client::Revision;
use crate::fixture;

/// The schemas that were found, each compiled once for a process.
struct Schemas {
    modern: ValidatorMap,
    november_2025: ValidatorMap,
}

/// Checks a message against a definition.
///
/// # Errors
/// It does not fulfil it; the text says where and why.
pub(super) fn check(definition: &Definition, message: &Value) -> Result<(), String> {
    static SCHEMAS: OnceLock<Option<Schemas>> = OnceLock::new();
    let Some(schemas) = SCHEMAS.get_or_init(|| Schemas::find(&directory())) else { return Ok(()) };
    schemas.check(definition, message)
}

fn directory() -> PathBuf {
    let named = env::var_os("TOOLCELL_MCP_SCHEMAS").map(PathBuf::from);
    named.unwrap_or_else(|| fixture::root().join("../shared/mcp"))
}

impl Schemas {
    /// None where there is no such directory; says so.
    ///
    /// # Panics
    /// The directory lacks a schema, or holds one that cannot be read.
    fn find(directory: &Path) -> Option<Self> {
        if !directory.is_dir() {
            // Past the test harness, which would keep it from whoever reads the output.
            let _ = writeln!(
                io::stderr(),
                "no MCP schemas in {}: answers are not checked against them",
                directory.display()
            );
            return None;
        }
        let compiled = |revision: Revision| compile(&directory.join(revision.name()).join("schema.json"));
        Some(Self { modern: compiled(Revision::Modern), november_2025: compiled(Revision::November2025) })
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

/// Compiles every definition of a file, formats included.
fn compile(file: &Path) -> ValidatorMap {
    let text = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let schema = serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let options = jsonschema::options().should_validate_formats(true).with_format("byte", is_base64);
    options.build_map(&schema).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
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

    /// Whether the schemas, if they are here, refuse this.
    fn refused(revision: Revision, method: &str, message: &Value) -> bool {
        let definition = super::super::definition::of(message, revision, Some(method));
        check(&definition, message).is_err() || !directory().is_dir()
    }

    #[test]
    fn what_the_schema_asks_for_passes() {
        let tool = json!({"name": "a", "inputSchema": {"type": "object"}});
        let result = json!({"resultType": "complete", "tools": [tool], "ttlMs": 1, "cacheScope": "public"});
        let message = json!({"jsonrpc": "2.0", "id": 1, "result": result});
        for revision in Revision::ERAS {
            let definition = super::super::definition::of(&message, revision, Some("tools/list"));
            assert_eq!(check(&definition, &message), Ok(()), "{revision:?}");
        }
    }

    #[test]
    fn a_member_that_is_missing_or_of_another_type_is_seen() {
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
