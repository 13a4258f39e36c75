//! Asks plugins for their parts of a list: side by side, each with a time of its own, and not for ever.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::Service;
use super::list::Listing;
use super::request::PluginRequest;
use super::result::{revision_features, unfit};
use crate::catalog::{FunctionRef, Item, Provider};
use crate::content::Page;
use crate::protocol::InnerCursor;

/// Plugins that are asked side by side: as many as have lists on any server that was seen, and few enough for a page to
/// waste little where the first ones fill it.
const SIDE_BY_SIDE: usize = 8;

/// The share of its deadline, and of the request's, that a plugin has for its part: a list is everybody's, and a slow
/// plugin must not keep it.
const TIME_SHARE: u32 = 4;

/// The pages that one plugin may fill in one list. Clients follow cursors until there are none.
const MAX_PAGES: u16 = 200;

/// What a plugin says of a list.
pub(super) struct Part {
    /// Its items.
    pub(super) items: Vec<u8>,
    /// The number of items.
    pub(super) count: usize,
    /// The cursor with which it goes on.
    pub(super) next: Option<InnerCursor>,
}

impl Service {
    /// Asks the first plugins of `providers`, in their order, side by side. A plugin that goes on is asked alone: most
    /// often it fills the page. A part is `None` where its plugin fails or is late, which the log tells; the parts of the
    /// other plugins are still good.
    pub(super) async fn parts(
        &self,
        request: &PluginRequest<'_>,
        listing: Listing,
        providers: &[Arc<Item<Provider>>],
        asked: Option<InnerCursor>,
    ) -> Vec<Option<Part>> {
        let count = if asked.is_some() { 1 } else { SIDE_BY_SIDE.min(providers.len()) };
        let parts = providers[..count].iter();
        let parts: Vec<_> =
            parts.map(|provider| self.part(request, listing, provider, asked.clone())).collect();
        join_all(parts).await
    }

    async fn part(
        &self,
        request: &PluginRequest<'_>,
        listing: Listing,
        provider: &Arc<Item<Provider>>,
        asked: Option<InnerCursor>,
    ) -> Option<Part> {
        let plugin = provider.plugin().name.as_str();
        let cursor = asked.as_ref().map(|asked| asked.text.as_str());
        let arguments = serde_json::json!({ "cursor": cursor }).to_string().into();
        let end = time_limit(provider, request.context().not_after);
        let function = FunctionRef::Provider(Arc::clone(provider));
        let Ok(json) = self.query(request, function, arguments, Some(end)).await else {
            tracing::warn!(plugin, list = listing.member(), "the list lacks the plugin's items");
            return None;
        };
        let is_taken = |name: &str| self.is_taken(listing, name);
        let page = listing.read(&json, revision_features(request.head.revision), provider, is_taken);
        let page = page.map_err(|error| unfit(plugin, &error)).ok()?;
        tell(plugin, listing, &page);
        let Page { items, count, next, .. } = page;
        Some(Part { items, count, next: next.and_then(|next| go_on(plugin, listing, asked, next)) })
    }

    /// Tells whether the catalog has a name: its function is called by it, whatever a plugin lists.
    fn is_taken(&self, listing: Listing, name: &str) -> bool {
        let index = self.runner.index();
        listing.items().is_some_and(|list| index.has(list, name))
    }
}

/// Returns the end of a plugin's time for its part of a list.
fn time_limit(provider: &Provider, not_after: Option<Instant>) -> Instant {
    let now = Instant::now();
    let own = Duration::from_millis(provider.limits.deadline_ms);
    let left = not_after.map_or(own, |end| end.saturating_duration_since(now).min(own));
    now + left / TIME_SHARE
}

/// Says what of a plugin's items is left out.
fn tell(plugin: &str, listing: Listing, page: &Page) {
    let list = listing.member();
    if let Some(error) = &page.first_error {
        let (malformed, path, expected) = (page.malformed, &error.path, error.expected);
        tracing::warn!(plugin, malformed, list, path, expected, "items that cannot be sent are left out");
    }
    if page.left_out > 0 {
        let left_out = page.left_out;
        tracing::warn!(plugin, left_out, list, "items are not the plugin's to offer");
    }
}

/// Returns the cursor with which a plugin goes on; `None` if it would never end.
fn go_on(plugin: &str, listing: Listing, asked: Option<InnerCursor>, next: String) -> Option<InnerCursor> {
    let (before, pages) = asked.map_or((None, 1), |asked| (Some(asked.text), asked.pages.saturating_add(1)));
    if before.as_ref() == Some(&next) {
        return None;
    }
    if pages >= MAX_PAGES {
        tracing::warn!(
            plugin,
            list = listing.member(),
            pages,
            "the plugin's list is too long and is cut off"
        );
        return None;
    }
    Some(InnerCursor { text: next, pages })
}
