//! Validators of the schemas that clients see.

use std::cell::RefCell;
use std::collections::HashMap;

use jsonschema::Validator;
use serde_json::Value;

/// Validators that a thread keeps: a fuzzer changes a value more often than its type.
const KEPT: usize = 2_048;

thread_local! {
    static VALIDATORS: RefCell<HashMap<String, Validator>> = RefCell::default();
}

/// Tells whether a schema accepts a document.
pub(super) fn is_valid(schema: &Value, document: &Value) -> bool {
    VALIDATORS.with_borrow_mut(|validators| {
        if validators.len() >= KEPT {
            validators.clear();
        }
        let compile = || jsonschema::validator_for(schema).expect("a schema that we made is valid");
        validators.entry(schema.to_string()).or_insert_with(compile).is_valid(document)
    })
}
