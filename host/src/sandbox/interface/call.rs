//! Links `toolcell:plugin/call`: tells a guest the facts of its call.

use std::time::Instant;

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, Linker, Lower, flags};

use crate::mcp::QuestionKinds;
use crate::sandbox::call_info::CallInfo;
use crate::sandbox::store_data::StoreData;

flags! {
    QuestionFlags {
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

impl From<QuestionKinds> for QuestionFlags {
    fn from(questions: QuestionKinds) -> Self {
        let QuestionKinds { form, url, sample, roots } = questions;
        let all = [(form, Self::FORM), (url, Self::URL), (sample, Self::SAMPLE), (roots, Self::ROOTS)];
        all.into_iter().filter(|(can, _)| *can).fold(Self::default(), |flags, (_, one)| flags | one)
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
pub(super) fn link(linker: &mut Linker<StoreData>, import: &str) -> wasmtime::Result<()> {
    let mut call = linker.instance(import)?;
    call.func_wrap("remaining-ms", |state: StoreContextMut<'_, StoreData>, (): ()| {
        let left = state.data().deadline().saturating_duration_since(Instant::now());
        Ok((u32::try_from(left.as_millis()).unwrap_or(u32::MAX),))
    })?;
    call.func_wrap("caller", |state: StoreContextMut<'_, StoreData>, (): ()| {
        let CallInfo { principal, scopes, .. } = state.data().info();
        Ok((Principal { name: principal.clone(), scopes: scopes.clone() },))
    })?;
    call.func_wrap("request-id", |state: StoreContextMut<'_, StoreData>, (): ()| {
        Ok((state.data().request().to_owned(),))
    })?;
    call.func_wrap("idempotency-key", |mut state: StoreContextMut<'_, StoreData>, (): ()| {
        Ok((state.data_mut().rounds().state().idempotency_key(),))
    })?;
    call.func_wrap("trace", |state: StoreContextMut<'_, StoreData>, (): ()| {
        let CallInfo { traceparent, tracestate, baggage, .. } = state.data().info().clone();
        Ok((TraceContext { traceparent, tracestate, baggage },))
    })?;
    call.func_wrap("revision", |state: StoreContextMut<'_, StoreData>, (): ()| {
        Ok((state.data().info().revision.to_owned(),))
    })?;
    call.func_wrap("client", |state: StoreContextMut<'_, StoreData>, (): ()| {
        let client = state.data().info().client.clone();
        Ok((client.map(|(name, version)| ClientInfo { name, version }),))
    })?;
    call.func_wrap("client-capabilities", |state: StoreContextMut<'_, StoreData>, (): ()| {
        let json = String::from_utf8_lossy(&state.data().info().capabilities).into_owned();
        Ok((if json.is_empty() { "{}".to_owned() } else { json },))
    })?;
    call.func_wrap("can-ask", |state: StoreContextMut<'_, StoreData>, (): ()| {
        Ok((QuestionFlags::from(state.data().info().questions.unwrap_or_default()),))
    })
}
