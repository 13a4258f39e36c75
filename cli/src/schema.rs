//! Provisional until `toolcell_host::codec::schema` is merged.
use serde_json::{Value, json};
use toolcell_host::codec::Function;
/// The input schema.
pub fn input(_: &Function) -> Value {
    json!({"type": "object"})
}
/// The output schema.
pub fn output(_: &Function) -> Option<Value> {
    None
}
