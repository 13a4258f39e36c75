//! `resources/read`.

use std::sync::Arc;

use bytes::Bytes;

use super::Service;
use super::answer::Answer;
use super::request::{Invocation, PluginRequest, RequestBinding};
use super::result::ResultKind;
use crate::catalog::{Confirm, FunctionRef, Item, Provider, ProviderRole};
use crate::protocol::{Fault, ReadResource};

impl Service {
    pub(super) async fn read_resource(&self, request: PluginRequest<'_>, read: ReadResource) -> Answer {
        let ReadResource { uri, input } = read;
        let Some(provider) = self.owner(ProviderRole::ReadResource, &uri) else {
            return request.refuse(Fault::ResourceNotFound { uri });
        };
        if let Err(rejection) = self.authorize(&request, "resources/read", &provider.required_scopes) {
            return rejection.into();
        }
        let widest = request.widest_cache_scope(&provider.required_scopes);
        let invocation = Invocation {
            confirm: Confirm::Never,
            function: FunctionRef::Provider(provider),
            arguments: serde_json::json!({ "uri": uri }).to_string().into(),
            result: ResultKind::Resource { uri: uri.clone(), widest },
            binding: RequestBinding { target: uri, arguments: Bytes::new() },
            input,
        };
        self.invoke(request, invocation).await
    }

    /// Finds the plugin that owns a URI or a URI template: the one with the longest prefix of it.
    pub(super) fn owner(&self, role: ProviderRole, uri: &str) -> Option<Arc<Item<Provider>>> {
        let length = |provider: &Provider| {
            if provider.uris.is_empty() {
                return Some(0);
            }
            let fitting = provider.uris.iter().filter(|prefix| uri.starts_with(prefix.as_str()));
            fitting.map(|prefix| prefix.len()).max()
        };
        let providers = self.runner.index().providers(role).into_iter();
        let fitting = providers.filter_map(|provider| Some((length(&provider)?, provider)));
        fitting.max_by_key(|(length, _)| *length).map(|(_, provider)| provider)
    }
}
