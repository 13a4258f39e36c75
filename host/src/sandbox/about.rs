//! `toolcell:plugin/call`: what a guest may know of the call that it runs.

use std::time::Instant;

use bytes::Bytes;
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, Linker, Lower, flags};

use super::state::State;

/// What a guest may know of its call. Nothing of it is a secret.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The name of who is calling, if it was asked to show who it is.
    pub principal: Option<String>,
    /// What the caller was given.
    pub scopes: Vec<String>,
    /// W3C `traceparent`.
    pub traceparent: Option<String>,
    /// W3C `tracestate`.
    pub tracestate: Option<String>,
    /// W3C `baggage`.
    pub baggage: Option<String>,
    /// The revision of MCP that the call is served under.
    pub revision: &'static str,
    /// Who the client says it is: name and version.
    pub client: Option<(String, String)>,
    /// The client's capabilities, JSON of an object; empty for none.
    pub capabilities: Bytes,
    /// What can be asked; none where nothing can, whatever the client declares.
    pub questions: Option<Questions>,
}

/// Kinds of questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    /// A form for the user to fill in.
    pub form: bool,
    /// A page for the user to open.
    pub url: bool,
    /// A conversation for the client's model to continue.
    pub sample: bool,
    /// Where the client's user works.
    pub roots: bool,
}

impl Questions {
    /// These and others.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            form: self.form || other.form,
            url: self.url || other.url,
            sample: self.sample || other.sample,
            roots: self.roots || other.roots,
        }
    }

    /// These, but for others.
    pub(super) fn without(self, other: Self) -> Self {
        Self {
            form: self.form && !other.form,
            url: self.url && !other.url,
            sample: self.sample && !other.sample,
            roots: self.roots && !other.roots,
        }
    }
}

flags! {
    Asks {
        #[component(name = "form")]
        const FORM;
        #[component(name = "url")]
        const URL;
        #[component(name = "sample")]
        const SAMPLE;
        #[component(name = "roots")]
        const ROOTS;
    }
}

impl From<Questions> for Asks {
    fn from(questions: Questions) -> Self {
        let Questions { form, url, sample, roots } = questions;
        let all = [(form, Self::FORM), (url, Self::URL), (sample, Self::SAMPLE), (roots, Self::ROOTS)];
        all.into_iter().filter(|(can, _)| *can).fold(Self::default(), |asks, (_, one)| asks | one)
    }
}

/// `principal`
#[derive(Clone, Debug, ComponentType, Lift, Lower)]
#[component(record)]
struct Principal {
    name: Option<String>,
    scopes: Vec<String>,
}

/// `trace-context`
#[derive(Clone, Debug, ComponentType, Lift, Lower)]
#[component(record)]
struct TraceContext {
    traceparent: Option<String>,
    tracestate: Option<String>,
    baggage: Option<String>,
}

/// `client-info`
#[derive(Clone, Debug, ComponentType, Lift, Lower)]
#[component(record)]
struct ClientInfo {
    name: String,
    version: String,
}

/// Adds `toolcell:plugin/call`.
pub(super) fn link(linker: &mut Linker<State>, import: &str) -> wasmtime::Result<()> {
    let mut call = linker.instance(import)?;
    call.func_wrap("remaining-ms", |state: StoreContextMut<'_, State>, (): ()| {
        let left = state.data().deadline().saturating_duration_since(Instant::now());
        Ok((u32::try_from(left.as_millis()).unwrap_or(u32::MAX),))
    })?;
    call.func_wrap("caller", |state: StoreContextMut<'_, State>, (): ()| {
        let About { principal, scopes, .. } = state.data().about();
        Ok((Principal { name: principal.clone(), scopes: scopes.clone() },))
    })?;
    call.func_wrap("request-id", |state: StoreContextMut<'_, State>, (): ()| {
        Ok((state.data().request().to_owned(),))
    })?;
    call.func_wrap("idempotency-key", |mut state: StoreContextMut<'_, State>, (): ()| {
        Ok((state.data_mut().dialogue().record().idempotency_key(),))
    })?;
    call.func_wrap("trace", |state: StoreContextMut<'_, State>, (): ()| {
        let About { traceparent, tracestate, baggage, .. } = state.data().about().clone();
        Ok((TraceContext { traceparent, tracestate, baggage },))
    })?;
    call.func_wrap("revision", |state: StoreContextMut<'_, State>, (): ()| {
        Ok((state.data().about().revision.to_owned(),))
    })?;
    call.func_wrap("client", |state: StoreContextMut<'_, State>, (): ()| {
        let client = state.data().about().client.clone();
        Ok((client.map(|(name, version)| ClientInfo { name, version }),))
    })?;
    call.func_wrap("client-capabilities", |state: StoreContextMut<'_, State>, (): ()| {
        let json = String::from_utf8_lossy(&state.data().about().capabilities).into_owned();
        Ok((if json.is_empty() { "{}".to_owned() } else { json },))
    })?;
    call.func_wrap("can-ask", |state: StoreContextMut<'_, State>, (): ()| {
        Ok((Asks::from(state.data().about().questions.unwrap_or_default()),))
    })
}
