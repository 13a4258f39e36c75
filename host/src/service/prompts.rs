//! `prompts/get`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Service;
use super::answer::Answer;
use super::request::{Invocation, PluginRequest, RequestBinding};
use super::result::{ResultKind, unreadable};
use crate::catalog::{Confirm, FunctionRef, Item, Prompt, Provider, ProviderRole};
use crate::codec::Type;
use crate::protocol::{Expected, Fault, GetPrompt, ParamsError};

impl Service {
    pub(super) async fn get_prompt(&self, request: PluginRequest<'_>, get: GetPrompt) -> Answer {
        let prompt = match self.runner.index().prompt(&get.name) {
            Ok(Some(prompt)) => prompt,
            Ok(None) => return self.get_dynamic_prompt(request, get).await,
            Err(error) => return request.refuse(unreadable(&error)),
        };
        let GetPrompt { name, arguments, input } = get;
        if let Err(rejection) = self.authorize(&request, &name, &prompt.required_scopes) {
            return rejection.into();
        }
        if let Err(error) = check(&prompt, &arguments) {
            return request.refuse(error);
        }
        let invocation = Invocation {
            confirm: Confirm::Never,
            function: FunctionRef::Prompt(prompt),
            arguments: arguments.clone(),
            result: ResultKind::Prompt,
            binding: RequestBinding { target: name, arguments },
            input,
        };
        self.invoke(request, invocation).await
    }

    /// Gets a prompt that only its plugin knows: the plugin with the longest prefix of its name.
    async fn get_dynamic_prompt(&self, request: PluginRequest<'_>, get: GetPrompt) -> Answer {
        let GetPrompt { name, arguments, input } = get;
        let Some(provider) = self.provider_of(ProviderRole::GetPrompt, &name) else {
            return request.refuse(Fault::unknown_prompt(&name));
        };
        if let Err(rejection) = self.authorize(&request, &name, &provider.required_scopes) {
            return rejection.into();
        }
        let invocation = Invocation {
            confirm: Confirm::Never,
            arguments: pairs(&name[provider.prefix.len()..], &arguments).into(),
            function: FunctionRef::Provider(provider),
            result: ResultKind::DynamicPrompt(name.clone()),
            binding: RequestBinding { target: name, arguments },
            input,
        };
        self.invoke(request, invocation).await
    }

    /// Finds the plugin that answers for a name outside the catalog: the one with the longest prefix of it.
    pub(super) fn provider_of(&self, role: ProviderRole, name: &str) -> Option<Arc<Item<Provider>>> {
        let providers = self.runner.index().providers(role).into_iter();
        let fitting = providers.filter(|provider| name.starts_with(provider.prefix.as_str()));
        fitting.max_by_key(|provider| provider.prefix.len())
    }
}

/// Checks a prompt's arguments before anything runs.
///
/// # Errors
/// An argument is missing, unknown, or none of its choices.
fn check(prompt: &Prompt, arguments: &[u8]) -> Result<(), ParamsError> {
    let given: BTreeMap<String, Option<String>> = serde_json::from_slice(arguments).map_err(|_| {
        let (path, found) = ("params.arguments".to_owned(), "something else".to_owned());
        ParamsError::Unfit { path, expected: Expected::Texts, found }
    })?;
    let present = |name: &str| given.get(name).and_then(Option::as_ref);
    for param in &prompt.function.params {
        let path = format!("params.arguments.{}", param.name);
        let (ty, is_optional) = match &param.ty {
            Type::Option(some) => (&**some, true),
            ty => (ty, param.default.is_some()),
        };
        match (present(&param.name), ty) {
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

/// Writes the arguments of `get-prompt`: the prompt's name, and pairs of names and values; null stands for nothing.
fn pairs(name: &str, arguments: &[u8]) -> String {
    let given: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(arguments).unwrap_or_default();
    let given = given.into_iter().filter(|(_, value)| !value.is_null());
    let pairs: Vec<_> = given.map(|(name, value)| serde_json::json!([name, value])).collect();
    serde_json::json!({ "name": name, "arguments": pairs }).to_string()
}
