//! Carries out a request that a rule allows: adds its secret or signature, sends it, and hands its response out.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, Method, Request, Response};
use http_body_util::{BodyExt as _, Empty};
use tokio::time::timeout_at;
use wasmtime_wasi_http::{Error, Result, WasiBody};

use super::body::{self, Download, Upload};
use super::effect::EffectBody;
use super::injection::{self, AddedSecret};
use super::ledger::Exchange;
use super::target::{self, Target};
use super::{HttpAccess, INTERFACE, OpenHttp, Rule, denial, error, rule};
use crate::catalog::{HeaderClass, Scheme};
use crate::net::{self, Destination, OutboundError, OutboundLimits, RequestBody, ResponseBody};
use crate::sandbox::denial::Denials;
use crate::secrets::SecretReason;

/// A request on its way.
pub(super) struct Task {
    pub(super) open: OpenHttp,
    pub(super) rule: usize,
    pub(super) target: Target,
    pub(super) exchange: Exchange,
    pub(super) denials: Denials,
    pub(super) limits: OutboundLimits,
    pub(super) effect: Option<EffectBody>,
}

impl Task {
    /// Sends the request, and hands its response out as soon as the head is there.
    pub(super) async fn run(mut self, request: Request<WasiBody>) -> Result<Response<WasiBody>> {
        let HttpAccess { shared, holder, .. } = &*Arc::clone(&self.open.access);
        let end = self.limits.end;
        if timeout_at(end, self.exchange.admit(&shared.slots, holder)).await.is_err() {
            let reason = "others under its rule, of its plugin, or of the server, took all of its time";
            self.denials.failed(INTERFACE, &self.shown_host(), &reason);
            return Err(Error::ConnectionLimitReached);
        }
        let mut request = self.outgoing(request).await?;
        if let Some(tape) = &shared.tape {
            return self.play(tape, request).await;
        }
        let secret = self.add_secret(&mut request).await?;
        let mut response = self.send(request).await.map_err(|error| self.failed(&error))?;
        if let Some(secret) = &secret {
            secret.scrub(response.headers_mut());
        }
        let is_over = http_body::Body::is_end_stream(response.body());
        let exchange = Some(self.exchange).filter(|_| !is_over);
        let (denials, host) = (self.denials, target::cut(&self.target.host.to_string()));
        let broken = move |error: OutboundError| {
            denials.failed(INTERFACE, &host, &error);
            error::to_guest(&error)
        };
        let body = |sent: ResponseBody| sent.map_err(broken);
        Ok(response.map(|sent| Download::new(body(sent), exchange, secret).ending_at(end).boxed_unsync()))
    }

    /// Sends a request to where its rule allows it.
    pub(super) async fn send(
        &self,
        request: Request<RequestBody>,
    ) -> std::result::Result<Response<ResponseBody>, OutboundError> {
        let HttpAccess { rules, shared, .. } = &*self.open.access;
        let (rule, host) = (&rules[self.rule], self.target.host.bare());
        let scheme = match self.target.scheme {
            Scheme::Https => net::Scheme::Https,
            Scheme::Http => net::Scheme::Http,
        };
        let to = Destination { scheme, host: &host, port: self.target.port, allowed: &rule.networks };
        shared.outbound.send(&rule.pool, to, request, self.limits).await
    }

    /// Turns the guest's request into one that can be sent.
    ///
    /// Guests open a body for every request, also where it stays empty. Such a GET waits for its end, so that it has no
    /// body on its way and can be sent again over a fresh connection.
    async fn outgoing(&self, request: Request<WasiBody>) -> Result<Request<RequestBody>> {
        let (mut parts, mut body) = request.into_parts();
        if let Some(path) = parts.uri.path_and_query().filter(|path| path.as_str().starts_with('?')) {
            parts.uri = format!("/{path}").parse().map_err(|_| Error::HttpRequestUriInvalid)?;
        }
        let mut first = None;
        if matches!(parts.method, Method::GET | Method::HEAD) && !http_body::Body::is_end_stream(&body) {
            let frame = timeout_at(self.limits.end, body::first(&mut body, &self.open.ended)).await;
            match frame.map_err(|_| self.unfinished())?? {
                None => body = Empty::new().map_err(|never| match never {}).boxed_unsync(),
                frame => first = frame,
            }
        }
        let upload = Upload {
            body,
            first,
            count: self.count(),
            check: self.trailer_check(),
            ended: self.open.ended.clone(),
        };
        Ok(Request::from_parts(parts, upload.boxed_unsync()))
    }

    /// Returns what counts the pieces of the body.
    fn count(&self) -> impl Fn(&[u8]) + Send + use<> {
        let (sent, effect) = (self.exchange.sent(), self.effect.clone());
        move |data| {
            sent(data.len());
            if let Some(effect) = &effect {
                effect.search(data);
            }
        }
    }

    /// Adds the secret of the rule to a request, or its signature, and returns the secret, or the session token, so that
    /// it can be looked for in what comes back.
    pub(super) async fn add_secret(&self, request: &mut Request<RequestBody>) -> Result<Option<AddedSecret>> {
        let access = &self.open.access;
        let Rule { grant, signer, .. } = &access.rules[self.rule];
        if let Some(signer) = signer {
            return self.sign(signer, request).await.map(Some);
        }
        let Some(injection) = &grant.secret else { return Ok(None) };
        let host = self.shown_host();
        let read = access.secrets.value(&injection.from, Some(self.limits.end.into_std())).await;
        let added = read.and_then(|value| match injection::add(injection, &value, request) {
            Some(()) => Ok(value),
            None => Err(SecretReason::NoHeader.of(&injection.from)),
        });
        match added {
            Ok(value) => Ok(Some(AddedSecret { value, host, denials: self.denials.clone() })),
            Err(error) => {
                self.denials.failed(INTERFACE, &host, &error);
                Err(Error::ConfigurationError)
            }
        }
    }

    /// Returns what refuses the trailers that the rule does not allow.
    fn trailer_check(&self) -> impl Fn(&HeaderMap) -> std::result::Result<(), String> + Send + use<> {
        let (access, rule, denials) = (Arc::clone(&self.open.access), self.rule, self.denials.clone());
        let host = self.shown_host();
        move |trailers| {
            let grant = &access.rules[rule].grant;
            let class = |name: &HeaderName| HeaderClass::of_trailer(name.as_str());
            let missing = trailers.keys().find_map(|name| rule::lacks_header(grant, name, class(name)));
            let rule = rule::name(denials.plugin(), grant);
            let sets_secret =
                grant.secret.as_ref().is_some_and(|secret| injection::sets_header(secret, trailers));
            let advice = match missing {
                Some(missing) => missing.header_advice(&rule),
                None if sets_secret => format!("none: {rule} sets the secret, which the plugin may not"),
                None => return Ok(()),
            };
            denials.note(denial(host.clone(), advice));
            Err("a trailer is refused".to_owned())
        }
    }

    /// Records that the plugin left the body of a request open, and returns its error.
    pub(super) fn unfinished(&self) -> Error {
        self.denials.failed(INTERFACE, &self.shown_host(), &"the plugin did not end its body in time");
        Error::ConnectionWriteTimeout
    }

    /// Returns the host as the log shows it.
    fn shown_host(&self) -> String {
        target::cut(&self.target.host.to_string())
    }

    /// Records why a request failed, and returns the guest's error.
    pub(super) fn failed(&self, error: &OutboundError) -> Error {
        let host = self.shown_host();
        match error {
            OutboundError::AddressProhibited { .. } => {
                let rule = rule::name(self.denials.plugin(), &self.open.access.rules[self.rule].grant);
                let grant = format!(
                    "the host's network in `address` of {rule}; loopback, link-local and metadata of clouds cannot be \
                     granted"
                );
                self.denials.note(denial(host, grant));
            }
            error => self.denials.failed(INTERFACE, &host, error),
        }
        error::to_guest(error)
    }
}
