//! Reads from a client's capabilities which questions it takes.

use serde_json::value::RawValue;

use super::json;
use crate::mcp::QuestionKinds;

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Capabilities<'a> {
    #[serde(borrow)]
    elicitation: Option<&'a RawValue>,
    #[serde(borrow)]
    sampling: Option<&'a RawValue>,
    #[serde(borrow)]
    roots: Option<&'a RawValue>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Elicitation<'a> {
    #[serde(borrow)]
    form: Option<&'a RawValue>,
    #[serde(borrow)]
    url: Option<&'a RawValue>,
}

/// Reads JSON text of `ClientCapabilities`. A capability that is no object counts as none, and so do all of a text that
/// cannot be read.
pub(super) fn kinds(capabilities: &[u8]) -> QuestionKinds {
    let declared: Capabilities<'_> = serde_json::from_slice(capabilities).unwrap_or_default();
    let (form, url) = declared.elicitation.map(modes).unwrap_or_default();
    QuestionKinds { form, url, sample: is_declared(declared.sampling), roots: is_declared(declared.roots) }
}

/// Tells whether forms and pages can be shown.
fn modes(elicitation: &RawValue) -> (bool, bool) {
    let Some(modes) = Some(elicitation).filter(|raw| json::is_object(raw)) else { return (false, false) };
    match serde_json::from_str(modes.get()) {
        Ok(Elicitation { form: None, url: None }) => (true, false),
        Ok(Elicitation { form, url }) => (is_declared(form), is_declared(url)),
        Err(_) => (false, false),
    }
}

fn is_declared(capability: Option<&RawValue>) -> bool {
    capability.is_some_and(json::is_object)
}
