//! What can be asked of a client, as its capabilities tell.

use serde_json::value::RawValue;

use super::json;

/// The kinds of questions that a client takes; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    /// Forms that the user fills in: `elicitation.form`, or an `elicitation` that names no mode.
    pub form: bool,
    /// Pages that the user is sent to: `elicitation.url`.
    pub url: bool,
    /// Conversations that its model continues: `sampling`.
    pub sample: bool,
    /// Where its user works: `roots`.
    pub roots: bool,
}

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

impl Questions {
    /// Reads JSON text of `ClientCapabilities`. A capability that is no object is none, and of capabilities
    /// that cannot be read there are none.
    pub(super) fn read(capabilities: &[u8]) -> Questions {
        let declared: Capabilities<'_> = serde_json::from_slice(capabilities).unwrap_or_default();
        let (form, url) = declared.elicitation.map(modes).unwrap_or_default();
        Questions { form, url, sample: is_declared(declared.sampling), roots: is_declared(declared.roots) }
    }
}

/// Whether forms and pages can be shown.
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
