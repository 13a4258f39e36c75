//! `resources/read`.

use super::errand::{Errand, Subject, Task};
use super::reply::Reply;
use super::{Answer, Service};
use crate::catalog::{FunctionRef, Provider, Role};
use crate::protocol::{Fault, ReadResource, Rejection};

impl Service {
    pub(super) async fn read_resource(&self, errand: Errand<'_>, read: ReadResource) -> Answer {
        let ReadResource { uri, input } = read;
        let Some((place, provider)) = self.owner(Role::ReadResource, &uri) else {
            return Rejection::new(Fault::ResourceNotFound { uri }, &errand.head).into();
        };
        if let Err(rejection) = self.authorize(&errand, "resources/read", &provider.required_scopes) {
            return rejection.into();
        }
        let arguments = serde_json::json!({ "uri": uri }).to_string();
        let reply = Reply::Resource(uri.clone());
        let task = Task { place: FunctionRef::Provider(place), arguments: arguments.into(), reply };
        let subject = Subject { method: "resources/read", target: &uri, arguments: b"" };
        self.run(errand, task, subject, input).await
    }

    /// Whose a URI, or a template of URIs, is: the plugin with the longest prefix of it.
    pub(super) fn owner(&self, role: Role, uri: &str) -> Option<(usize, &Provider)> {
        let length = |provider: &Provider| {
            if provider.uris.is_empty() {
                return Some(0);
            }
            let fitting = provider.uris.iter().filter(|prefix| uri.starts_with(prefix.as_str()));
            fitting.map(|prefix| prefix.len()).max()
        };
        let providers = self.runner.index().providers(role);
        let fitting = providers.filter_map(|(place, provider)| Some((length(provider)?, place, provider)));
        fitting.max_by_key(|(length, ..)| *length).map(|(_, place, provider)| (place, provider))
    }
}
