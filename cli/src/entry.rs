//! Renders a tool's entry in `tools/list` (MCP `Tool`), once, at build time.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use toolcell_host::codec::{Function, schema};

use crate::manifest::{Annotations, Icon};
use crate::plugin::Tool;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    description: &'a str,
    input_schema: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_schema: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Annotations>,
    #[serde(skip_serializing_if = "<[Icon]>::is_empty")]
    icons: &'a [Icon],
}

/// The entry as every revision may see it, and the plain one for those that know less.
pub(crate) struct Rendered {
    /// With everything.
    pub(crate) full: Box<RawValue>,
    /// Without `title`, `outputSchema` and `icons`.
    pub(crate) plain: Box<RawValue>,
}

/// Renders the entry of `tool` under the name that clients see.
pub(crate) fn render(name: &str, tool: &Tool) -> Rendered {
    let annotations = Some(tool.annotations).filter(|hints| *hints != Annotations::default());
    let entry = Entry {
        name,
        title: tool.title.as_deref(),
        description: &tool.description,
        input_schema: schema::input(&tool.function),
        output_schema: schema::output(&tool.function),
        annotations,
        icons: &tool.icons,
    };
    let full = raw(&entry);
    let plain = raw(&Entry { title: None, output_schema: None, icons: &[], ..entry });
    Rendered { full, plain }
}

fn raw(entry: &Entry<'_>) -> Box<RawValue> {
    serde_json::value::to_raw_value(entry).expect("an entry of strings, numbers and schemas is JSON")
}

/// The function without what only the schema shows, as the catalog holds it.
pub(crate) fn plan(function: &Function) -> Function {
    let mut plan = function.clone();
    for param in &mut plan.params {
        param.docs = None;
        param.examples = Vec::new();
        param.ty = crate::signature::bare(&param.ty);
    }
    plan.result = plan.result.as_ref().map(crate::signature::bare);
    plan
}
