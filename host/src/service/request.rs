//! Carries a request from its arrival to the function that answers it.

use bytes::Bytes;
use http::request::Parts;

use super::Context;
use super::answer::Answer;
use super::result::ResultKind;
use crate::auth::{Principal, PrincipalKind};
use crate::catalog::{Confirm, FunctionRef, ScopeSet};
use crate::mcp::CacheScope;
use crate::outcome::LogContext;
use crate::protocol::{Accept, Fault, Head, Input, Meta, Rejection};
use crate::sandbox::CallInfo;

/// A request that a plugin may answer, with its sender.
#[derive(Debug)]
pub(super) struct PluginRequest<'r> {
    /// The head of the HTTP request.
    pub(super) parts: &'r Parts,
    /// Its sender.
    pub(super) principal: &'r Principal,
    /// The name of its method.
    pub(super) method: &'static str,
    /// The parts that every response repeats.
    pub(super) head: Head,
    /// Its `_meta`.
    pub(super) meta: Meta,
    /// The accepted content types of the response.
    pub(super) accept: Accept,
}

/// The call that answers a request.
#[derive(Debug)]
pub(super) struct Invocation {
    /// The function.
    pub(super) function: FunctionRef,
    /// Its arguments, a JSON object.
    pub(super) arguments: Bytes,
    /// The form of its result.
    pub(super) result: ResultKind,
    /// The parts that a later round must repeat.
    pub(super) binding: RequestBinding,
    /// The answers and state of an earlier round.
    pub(super) input: Input,
    /// For how many calls the token of a later round is good.
    pub(super) confirm: Confirm,
}

/// The parts that tie a later request to the same call, in addition to method, caller and plugin.
#[derive(Debug)]
pub(super) struct RequestBinding {
    /// The name of the tool or prompt, or the URI of the resource.
    pub(super) target: String,
    /// The arguments, as the client wrote them.
    pub(super) arguments: Bytes,
}

impl<'r> PluginRequest<'r> {
    /// Returns the edge's knowledge of the request.
    pub(super) fn context(&self) -> &'r Context {
        Context::of(self.parts)
    }

    /// Refuses the request.
    pub(super) fn refuse(&self, fault: impl Into<Fault>) -> Answer {
        Rejection::new(fault, &self.head).into()
    }

    /// Returns who may be given a kept result of something that requires these scopes: everybody, if everybody may ask
    /// for it. What the server answers to a caller with credentials is that caller's.
    pub(super) fn widest_cache_scope(&self, required: &ScopeSet) -> CacheScope {
        match self.principal.kind() {
            PrincipalKind::Anonymous if required.is_empty() => CacheScope::Public,
            _ => CacheScope::Private,
        }
    }

    /// Tells whether the user can be asked with a form.
    pub(super) fn can_show_forms(&self) -> bool {
        self.head.revision.can_ask() && self.meta.capabilities.questions().form
    }

    /// Collects what a guest may know of the call.
    pub(super) fn call_info(&self) -> CallInfo {
        let Self { principal, head, meta, .. } = self;
        let (issuer, subject) = principal.issuer_and_subject();
        CallInfo {
            principal: principal.name().map(str::to_owned),
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            principal_kind: principal.kind().name(),
            scopes: principal.scopes().iter().map(ToString::to_string).collect(),
            traceparent: meta.trace.traceparent.clone(),
            tracestate: meta.trace.tracestate.clone(),
            baggage: meta.trace.baggage.clone(),
            revision: head.revision.name(),
            client: meta.client.as_ref().map(|client| (client.name.clone(), client.version.clone())),
            capabilities: Bytes::copy_from_slice(meta.capabilities.json()),
            questions: head.revision.can_ask().then(|| meta.capabilities.questions()),
        }
    }

    /// Collects what the log says of the request.
    pub(super) fn log_context(&self) -> LogContext {
        let context = self.context();
        LogContext {
            method: self.method,
            revision: self.head.revision.name(),
            request: context.request_id.clone(),
            traceparent: self.meta.trace.traceparent.clone(),
            trace: context.trace.clone(),
            principal: self.principal.name().map(str::to_owned),
        }
    }
}
