//! `prompts/get`.

use std::collections::BTreeMap;

use super::errand::{Errand, Subject, Task};
use super::reply::Reply;
use super::{Answer, Service};
use crate::catalog::{FunctionRef, Prompt, Provider, Role};
use crate::codec::Type;
use crate::protocol::{Expected, Fault, GetPrompt, ParamsError, Rejection};

impl Service {
    pub(super) async fn get_prompt(&self, errand: Errand<'_>, get: GetPrompt) -> Answer {
        let GetPrompt { name, arguments, input } = get;
        let subject = Subject { method: "prompts/get", target: &name, arguments: &arguments };
        let task = match self.runner.index().prompt(&name) {
            Some((place, prompt)) => {
                if let Err(rejection) = self.authorize(&errand, &name, &prompt.required_scopes) {
                    return rejection.into();
                }
                if let Err(fault) = check(prompt, &arguments) {
                    return Rejection::new(fault, &errand.head).into();
                }
                Task { place: FunctionRef::Prompt(place), arguments: arguments.clone(), reply: Reply::Prompt }
            }
            None => {
                let Some((place, provider)) = self.named(Role::GetPrompt, &name) else {
                    return Rejection::new(Fault::unknown_prompt(&name), &errand.head).into();
                };
                if let Err(rejection) = self.authorize(&errand, &name, &provider.required_scopes) {
                    return rejection.into();
                }
                let given = dynamic(&name[provider.prefix.len()..], &arguments);
                let reply = Reply::DynamicPrompt(name.clone());
                Task { place: FunctionRef::Provider(place), arguments: given.into(), reply }
            }
        };
        self.run(errand, task, subject, input).await
    }

    /// Who answers for a name that the catalog does not hold: whose prefix it has, the longest one first.
    pub(super) fn named(&self, role: Role, name: &str) -> Option<(usize, &Provider)> {
        let providers = self.runner.index().providers(role);
        let fitting = providers.filter(|(_, provider)| name.starts_with(provider.prefix.as_str()));
        fitting.max_by_key(|(_, provider)| provider.prefix.len())
    }
}

/// Checks a prompt's arguments before anything runs: what is wrong with them is the client's to mend.
fn check(prompt: &Prompt, arguments: &[u8]) -> Result<(), ParamsError> {
    let given: BTreeMap<String, String> = serde_json::from_slice(arguments).map_err(|_| {
        let (path, found) = ("params.arguments".to_owned(), "something else".to_owned());
        ParamsError::Unfit { path, expected: Expected::Texts, found }
    })?;
    for param in &prompt.function.params {
        let path = format!("params.arguments.{}", param.name);
        let (ty, is_optional) = match &param.ty {
            Type::Option(some) => (&**some, true),
            ty => (ty, param.default.is_some()),
        };
        match (given.get(&param.name), ty) {
            (None, _) if is_optional => {}
            (None, _) => return Err(ParamsError::Missing { path, expected: Expected::String }),
            (Some(value), Type::Enum(labels)) if !labels.iter().any(|label| label.name == *value) => {
                let choices = labels.iter().map(|label| label.name.to_string()).collect();
                return Err(ParamsError::Choice { path, choices });
            }
            _ => {}
        }
    }
    let known = |name: &str| prompt.function.params.iter().any(|param| param.name == name);
    match given.keys().find(|name| !known(name)) {
        Some(unknown) => Err(ParamsError::UnknownArgument { name: unknown.clone() }),
        None => Ok(()),
    }
}

/// The arguments of `get-prompt`: a name, and names with values.
fn dynamic(name: &str, arguments: &[u8]) -> String {
    let given: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(arguments).unwrap_or_default();
    let pairs: Vec<_> = given.into_iter().map(|(name, value)| serde_json::json!([name, value])).collect();
    serde_json::json!({ "name": name, "arguments": pairs }).to_string()
}
