//! Answers lists page by page: the catalog's items first, then what plugins say at run time.

use std::sync::Arc;

use bytes::Bytes;

use super::Service;
use super::answer::Answer;
use super::request::PluginRequest;
use super::result::unreadable;
use crate::auth::PrincipalKind;
use crate::catalog::{Detail, Item, ItemList, ListPage, Lists, Provider, ProviderRole, ScopeSet, Shown};
use crate::content::{self, ContentError, Page, RevisionFeatures};
use crate::mcp::CacheScope;
use crate::protocol::render::List;
use crate::protocol::{Fault, ParamsError, Position};

/// The size from which on a page asks no further plugin, in bytes: each may fill all that it can return.
const PAGE_BYTES: usize = 1 << 20;

/// One of MCP's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    Tools,
    Prompts,
    Resources,
    ResourceTemplates,
}

impl Listing {
    /// The member that holds the items.
    pub(super) fn member(self) -> &'static str {
        match self {
            Listing::Tools => "tools",
            Listing::Prompts => "prompts",
            Listing::Resources => "resources",
            Listing::ResourceTemplates => "resourceTemplates",
        }
    }

    /// Returns the catalog's own list of such items, if it has one.
    pub(super) fn items(self) -> Option<ItemList> {
        match self {
            Listing::Tools => Some(ItemList::Tools),
            Listing::Prompts => Some(ItemList::Prompts),
            Listing::Resources | Listing::ResourceTemplates => None,
        }
    }

    fn role(self) -> ProviderRole {
        match self {
            Listing::Tools => ProviderRole::ListTools,
            Listing::Prompts => ProviderRole::ListPrompts,
            Listing::Resources => ProviderRole::ListResources,
            Listing::ResourceTemplates => ProviderRole::ListTemplates,
        }
    }

    /// Turns what a plugin says into items of the list; `is_taken` knows the names that it may not use.
    pub(super) fn read(
        self,
        json: &[u8],
        features: RevisionFeatures,
        provider: &Provider,
        is_taken: impl Fn(&str) -> bool,
    ) -> Result<Page, ContentError> {
        let accepts = |uri: &str| owns(provider, uri);
        match self {
            Listing::Tools => content::tool_page(json, features, &provider.prefix, is_taken),
            Listing::Prompts => content::prompt_page(json, features, &provider.prefix, is_taken),
            Listing::Resources => content::resource_page(json, features, accepts),
            Listing::ResourceTemplates => content::template_page(json, features, accepts),
        }
    }
}

/// Returns whether a plugin owns a URI.
pub(super) fn owns(provider: &Provider, uri: &str) -> bool {
    provider.uris.is_empty() || provider.uris.iter().any(|prefix| uri.starts_with(prefix.as_str()))
}

/// A page in the making.
#[derive(Default)]
struct Items {
    json: Vec<u8>,
    count: usize,
}

impl Items {
    fn add(&mut self, json: &[u8], count: usize) {
        if count > 0 && self.count > 0 {
            self.json.push(b',');
        }
        self.json.extend_from_slice(json);
        self.count += count;
    }

    /// Tells whether no further plugin's items have room.
    fn are_full(&self, room: usize) -> bool {
        self.count >= room || self.json.len() >= PAGE_BYTES
    }

    fn array(self) -> Bytes {
        let mut array = Vec::with_capacity(self.json.len() + 2);
        array.push(b'[');
        array.extend_from_slice(&self.json);
        array.push(b']');
        array.into()
    }
}

impl Service {
    /// Answers a request for a page of a list.
    pub(super) async fn list(
        &self,
        request: &PluginRequest<'_>,
        listing: Listing,
        cursor: Option<String>,
    ) -> Answer {
        let start = cursor.map(|cursor| self.cursors.read(listing.member(), &cursor)).transpose();
        let page = match start {
            Ok(start) => self.page(request, listing, start.unwrap_or_default()).await,
            Err(fault) => Err(fault),
        };
        match page {
            Ok((items, next)) => {
                let next = next.map(|next| self.cursors.write(listing.member(), &next));
                let list = List {
                    member: listing.member(),
                    items: &items,
                    next_cursor: next.as_deref(),
                    cache_scope: self.cache_scope(request, listing),
                };
                Answer::Json(self.renderer.list(&request.head, list))
            }
            Err(fault) => request.refuse(fault),
        }
    }

    /// Makes the JSON array of a page, and finds where the next one starts.
    async fn page(
        &self,
        request: &PluginRequest<'_>,
        listing: Listing,
        start: Position,
    ) -> Result<(Bytes, Option<Position>), Fault> {
        let providers = self.usable(request, listing.role());
        let held = self.held(request, listing)?;
        let mut items = Items::default();
        if start.offset >= held && !providers.is_empty() {
            return self.gather(request, listing, (&providers, held), start, items).await;
        }
        let page = self.held_page(request, listing, start.offset)?.ok_or_else(no_page)?;
        if page.next.is_some() || providers.is_empty() {
            return Ok((page.items, page.next.map(|offset| Position { offset, inner: None })));
        }
        items.add(&page.items[1..page.items.len() - 1], held - start.offset);
        let rest = Position { offset: held, inner: None };
        self.gather(request, listing, (&providers, held), rest, items).await
    }

    /// Fills a page with what plugins say, in their order; `providers` come after `held` items of the catalog.
    async fn gather(
        &self,
        request: &PluginRequest<'_>,
        listing: Listing,
        (providers, held): (&[Arc<Item<Provider>>], usize),
        mut at: Position,
        mut items: Items,
    ) -> Result<(Bytes, Option<Position>), Fault> {
        let room = self.runner.index().root().room();
        let mut rest = providers.get(at.offset - held..).ok_or_else(no_page)?;
        while !rest.is_empty() {
            let parts = match items.are_full(room) {
                true => return Ok((items.array(), Some(at))),
                false => self.parts(request, listing, rest, at.inner.take()).await,
            };
            rest = &rest[parts.len()..];
            for part in parts {
                if items.are_full(room) {
                    return Ok((items.array(), Some(at)));
                }
                let next = part.and_then(|part| {
                    items.add(&part.items, part.count);
                    part.next
                });
                if next.is_some() {
                    return Ok((items.array(), Some(Position { inner: next, ..at })));
                }
                at.offset += 1;
            }
        }
        Ok((items.array(), None))
    }

    /// Returns the providers of a list that the caller may use: to list what one has is to run it.
    fn usable(&self, request: &PluginRequest<'_>, role: ProviderRole) -> Vec<Arc<Item<Provider>>> {
        let mut providers = self.runner.index().providers(role);
        providers.retain(|provider| request.principal.scopes().covers(&provider.required_scopes));
        providers
    }

    /// Returns which of the catalog's items the caller is shown: all where it can ask its authorization server for the
    /// scopes that it lacks (ADR 52), and otherwise those that it may use.
    fn shown<'r>(&self, request: &'r PluginRequest<'_>) -> Shown<'r> {
        let principal = request.principal;
        let lists = self.credentials.issuers().map_or(Lists::Allowed, |issuers| issuers.settings().lists);
        match (principal.kind(), lists) {
            (PrincipalKind::OAuth, Lists::All) => Shown::All,
            _ => Shown::Covered(principal.scopes()),
        }
    }

    /// Counts the catalog's items of a list for the caller.
    fn held(&self, request: &PluginRequest<'_>, listing: Listing) -> Result<usize, Fault> {
        let Some(list) = listing.items() else { return Ok(0) };
        self.runner.index().count(list, self.shown(request)).map_err(|error| unreadable(&error))
    }

    /// Returns the page of the catalog's items that starts at `start`; `None` if no page starts there.
    fn held_page(
        &self,
        request: &PluginRequest<'_>,
        listing: Listing,
        start: usize,
    ) -> Result<Option<ListPage>, Fault> {
        let Some(list) = listing.items() else { return Ok((start == 0).then_some(ListPage::EMPTY)) };
        let revision = request.head.revision;
        let detail = if revision.has_structured_content() { Detail::Full } else { Detail::Plain };
        let page = self.runner.index().page(list, self.shown(request), start, detail);
        page.map_err(|error| unreadable(&error))
    }

    /// Returns who may share a list: everyone where everyone may use all of it. Plugins may tell each caller
    /// something else.
    fn cache_scope(&self, request: &PluginRequest<'_>, listing: Listing) -> CacheScope {
        let index = self.runner.index();
        let is_uniform = listing.items().is_none_or(|list| index.is_uniform(list));
        match is_uniform && !index.offers(listing.role()) {
            true => request.widest_cache_scope(&ScopeSet::NONE),
            false => CacheScope::Private,
        }
    }
}

fn no_page() -> Fault {
    ParamsError::CursorPastEnd.into()
}
