//! `completion/complete`.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use super::Service;
use super::answer::Answer;
use super::request::PluginRequest;
use super::result::{unfit, unreadable};
use crate::catalog::{FunctionRef, Item, Prompt, Provider, ProviderRole, ScopeSet};
use crate::codec::Type;
use crate::content;
use crate::protocol::{Complete, Fault, Reference};

/// Most values of one answer, by MCP's rule.
const MAX_VALUES: usize = 100;

/// The source of the proposed values.
enum Proposer {
    /// The choices of an enum, which the catalog knows.
    Enum(Vec<String>),
    /// The plugin.
    Plugin(Arc<Item<Provider>>),
    /// None: the plugin has no `completion`.
    None,
}

impl Service {
    pub(super) async fn complete(&self, request: &PluginRequest<'_>, complete: Complete) -> Answer {
        let (proposer, required) = match self.proposer(&complete) {
            Ok(found) => found,
            Err(fault) => return request.refuse(fault),
        };
        if let Err(rejection) = self.authorize(request, "completion/complete", &required) {
            return rejection.into();
        }
        let answered = match proposer {
            Proposer::Enum(choices) => Ok(self.choices(request, &choices, &complete.argument.value)),
            Proposer::Plugin(provider) => self.proposals(request, provider, &complete).await,
            Proposer::None => Ok(self.renderer.complete(&request.head, b"[]", Some(0), Some(false))),
        };
        match answered {
            Ok(response) => Answer::Json(response),
            Err(fault) => request.refuse(fault),
        }
    }

    fn proposer(&self, complete: &Complete) -> Result<(Proposer, ScopeSet), Fault> {
        let index = self.runner.index();
        let of_plugin = |plugin: usize| {
            let mut providers = index.providers(ProviderRole::Complete).into_iter();
            providers.find(|provider| provider.plugin == plugin)
        };
        let asked = |plugin| of_plugin(plugin).map_or(Proposer::None, Proposer::Plugin);
        match &complete.reference {
            Reference::Prompt(name) => {
                if let Some(prompt) = index.prompt(name).map_err(|error| unreadable(&error))? {
                    let choices = choices_of(&prompt, &complete.argument.name);
                    let proposer = choices.map_or_else(|| asked(prompt.plugin), Proposer::Enum);
                    return Ok((proposer, prompt.required_scopes.clone()));
                }
                let provider = self
                    .provider_of(ProviderRole::GetPrompt, name)
                    .ok_or_else(|| Fault::unknown_prompt(name))?;
                Ok((asked(provider.plugin), provider.required_scopes.clone()))
            }
            Reference::Template(template) => {
                let owner = self.owner(ProviderRole::ListTemplates, template);
                let provider = owner.ok_or_else(|| Fault::unknown_template(template))?;
                Ok((asked(provider.plugin), provider.required_scopes.clone()))
            }
        }
    }

    fn choices(&self, request: &PluginRequest<'_>, choices: &[String], value: &str) -> Bytes {
        let start = value.to_lowercase();
        let fitting: Vec<_> =
            choices.iter().filter(|choice| choice.to_lowercase().starts_with(&start)).collect();
        let total = u32::try_from(fitting.len()).ok();
        let shown = &fitting[..fitting.len().min(MAX_VALUES)];
        let values = json!(shown).to_string();
        self.renderer.complete(&request.head, values.as_bytes(), total, Some(shown.len() < fitting.len()))
    }

    async fn proposals(
        &self,
        request: &PluginRequest<'_>,
        provider: Arc<Item<Provider>>,
        complete: &Complete,
    ) -> Result<Bytes, Fault> {
        let reference = match &complete.reference {
            Reference::Prompt(name) => {
                json!({ "prompt": name.strip_prefix(provider.prefix.as_str()).unwrap_or(name) })
            }
            Reference::Template(template) => json!({ "template": template }),
        };
        let arguments = json!({
            "reference": reference,
            "argument": complete.argument.name,
            "value": complete.argument.value,
            "context": complete.context,
        });
        let (arguments, not_after) = (arguments.to_string().into(), request.context().not_after);
        let function = FunctionRef::Provider(Arc::clone(&provider));
        let said = self.query(request, function, arguments, not_after).await?;
        let plugin = &provider.plugin().name;
        let proposals = content::proposals(&said).map_err(|error| unfit(plugin, &error))?;
        if proposals.left_out > 0 {
            tracing::warn!(
                plugin,
                left_out = proposals.left_out,
                "proposals that hide something are left out"
            );
        }
        let (total, has_more) = (proposals.total, Some(proposals.has_more));
        Ok(self.renderer.complete(&request.head, &proposals.values, total, has_more))
    }
}

/// The choices of an argument that is an enum.
fn choices_of(prompt: &Prompt, argument: &str) -> Option<Vec<String>> {
    let param = prompt.function.params.iter().find(|param| param.name == argument)?;
    let ty = match &param.ty {
        Type::Option(some) => some,
        ty => ty,
    };
    match ty {
        Type::Enum(labels) => Some(labels.iter().map(|label| label.name.clone()).collect()),
        _ => None,
    }
}
