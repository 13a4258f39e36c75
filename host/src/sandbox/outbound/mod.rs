//! Sends the requests of `wasi:http` that a rule allows, and refuses the others before a name is looked up.
//!
//! ```text
//! target   the address of a request -> the one spelling that is compared, or a refusal
//! rule     the first rule that allows all of a request, or what the nearest one lacks
//! ledger   the budgets of a call, rule by rule, and what it has used
//! injection the secret of a rule -> a header or parameter, and out of what comes back
//! effect   what the next round of a call that asks sends again
//! signing  the role of a rule -> a signature for AWS
//! body     bodies on their way, counted
//! network  what all plugins of a process share
//! tape     the exchanges of a golden case, in the place of the network
//! ```
//!
//! A request is a task of its own, which ends with its handle, so at the latest with the call's store. Connections are
//! kept for each plugin and rule, and never shared beyond.

mod body;
mod effect;
mod error;
mod injection;
mod ledger;
mod network;
mod rule;
mod signing;
pub mod tape;
mod target;

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, Method, Request, Response};
use http_body_util::{BodyExt as _, Empty};
use ipnet::IpNet;
use tokio::time::timeout_at;
use wasmtime_wasi_http::{Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody, WasiHttpHooks};

use super::denial::{Denial, Denials};
use crate::aws::AwsAccess;
use crate::catalog::{self, HeaderClass, HttpGrant, Scheme, Signing};
use crate::net::{self, Destination, OutboundError, OutboundLimits, Pool, RequestBody, ResponseBody};
use crate::secrets::{SecretReason, Secrets};
use body::{Download, Upload};
use effect::{EffectBody, Effects};
use injection::AddedSecret;
use ledger::{Exchange, Ledger};
use network::Shared;
use rule::{Missing, Wanted};
use signing::Signer;
use target::{Target, TargetError};

pub(super) use body::{EndGuard, Ended};
pub use injection::is_injectable;
pub use ledger::{HttpUsage, RuleUsage};
pub use network::{Network, NetworkError};

/// The name of the interface in the log.
const INTERFACE: &str = "wasi:http/outgoing-handler";

/// The largest part of a request body that a guest may write at a time, in bytes.
const BODY_CHUNK_BYTES: usize = 64 << 10;

/// The shortest time that a guest can set, so that "at once" is no special case.
const MIN_TIMEOUT: Duration = Duration::from_millis(1);

/// The rules of a plugin, each with its connections; shared by all calls of the plugin.
pub(super) struct HttpAccess {
    rules: Vec<Rule>,
    shared: Shared,
    secrets: Arc<Secrets>,
}

struct Rule {
    grant: HttpGrant,
    networks: Vec<IpNet>,
    pool: Pool,
    signer: Option<Signer>,
}

impl HttpAccess {
    /// Opens the rules of a plugin; `None` if it has none.
    ///
    /// # Errors
    ///
    /// The settings of the network cannot be used.
    pub(super) fn open(
        plugin: &catalog::Plugin,
        network: &Network,
        secrets: &Arc<Secrets>,
        aws: &AwsAccess,
    ) -> std::result::Result<Option<Arc<Self>>, NetworkError> {
        let rules = &plugin.grants.http;
        if rules.is_empty() {
            return Ok(None);
        }
        let signer = |signing: &Signing| Signer::new(&plugin.name, signing, network, aws);
        let rule = |grant: &HttpGrant| {
            Ok(Rule {
                grant: grant.clone(),
                networks: grant.address.iter().map(|range| range.network()).collect(),
                pool: Pool::default(),
                signer: grant.sign.as_ref().map(signer).transpose()?,
            })
        };
        let rules = rules.iter().map(rule).collect::<std::result::Result<_, _>>()?;
        let shared = network.shared()?;
        Ok(Some(Arc::new(Self { rules, shared, secrets: Arc::clone(secrets) })))
    }

    fn grants(&self) -> impl Iterator<Item = &HttpGrant> {
        self.rules.iter().map(|rule| &rule.grant)
    }
}

/// Sends the requests of one call.
pub(super) struct HttpSender {
    denials: Denials,
    open: Option<OpenHttp>,
}

/// The part of a sender that only plugins with rules have.
#[derive(Clone)]
struct OpenHttp {
    access: Arc<HttpAccess>,
    ledger: Arc<Ledger>,
    deadline: Instant,
    ended: Ended,
    /// In a call that may ask.
    effects: Option<Effects>,
}

impl HttpSender {
    /// Makes the sender of a call that ends at `deadline`, and the guard that has to be dropped before the call's store. A
    /// call that may ask has an `idempotency_key`.
    pub(super) fn new(
        access: Option<&Arc<HttpAccess>>,
        denials: Denials,
        deadline: Instant,
        idempotency_key: Option<&str>,
    ) -> (Self, Option<EndGuard>) {
        let open = access.map(|access| OpenHttp {
            access: Arc::clone(access),
            ledger: Arc::new(Ledger::new(access.grants())),
            deadline,
            ended: Ended::default(),
            effects: idempotency_key.map(Effects::new),
        });
        let guard = open.as_ref().map(|open| EndGuard(open.ended.clone()));
        (Self { denials, open }, guard)
    }

    /// Reports what the call has used; `None` if it was allowed no request.
    pub(super) fn usage(&self) -> Option<HttpUsage> {
        let open = self.open.as_ref()?;
        open.ledger.usage(open.access.grants())
    }

    /// Notes that the next round of the call knows what was sent so far.
    pub(super) fn guard(&self) {
        if let Some(effects) = self.open.as_ref().and_then(|open| open.effects.as_ref()) {
            effects.guard();
        }
    }

    /// Reports what the next round of the call sends again, because this one ends in a question.
    pub(super) fn report_repetition(&self) {
        let Some(open) = &self.open else { return };
        if let Some(effects) = &open.effects {
            effects.report(&self.denials, open.access.shared.tape.as_ref());
        }
    }

    /// Checks a request against rules and budgets, and makes the task that carries it out.
    ///
    /// # Errors
    ///
    /// It is refused; the refusal is recorded.
    fn start(
        &self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<impl Future<Output = Result<Response<WasiBody>>> + Send + use<>> {
        let target = Target::of(request.uri()).map_err(|error| {
            let grant = format!("none: {error}; docs/outbound.md tells what is refused");
            self.denials.note(denial(target::shown_host(request.uri()), grant));
            of_target(error)
        })?;
        let (open, rule) = self.allow(&request, &target)?;
        let grant = &open.access.rules[rule].grant;
        let host = || target::cut(&target.host.to_string());
        if grant.secret.as_ref().is_some_and(|secret| injection::is_set(secret, &request)) {
            let advice = format!("none: {} sets the secret, which the plugin may not", self.rule_name(grant));
            self.denials.note(denial(host(), advice));
            return Err(Error::HttpRequestDenied);
        }
        if grant.sign.is_some() && signing::sets_parameter(request.uri()) {
            let advice =
                format!("none: {} signs, so no parameter may begin with X-Amz-", self.rule_name(grant));
            self.denials.note(denial(host(), advice));
            return Err(Error::HttpRequestDenied);
        }
        let Some(exchange) = open.ledger.begin(rule, host) else {
            let advice = format!("more than {} `requests` in {}", grant.requests, self.rule_name(grant));
            self.denials.note(denial(host(), advice));
            return Err(Error::HttpRequestDenied);
        };
        if content_length(request.headers()).is_some_and(|length| length > grant.request_bytes) {
            let reason = format!("its body is larger than {} bytes", grant.request_bytes);
            self.denials.failed(INTERFACE, &host(), &reason);
            return Err(Error::HttpRequestBodySize(Some(grant.request_bytes)));
        }
        let limits = limits(grant, options, open.deadline);
        let effect = open.effects.as_ref().and_then(|effects| effects.note(&request, &target));
        let (denials, open) = (self.denials.clone(), open.clone());
        let task = Task { open, rule, target, exchange, denials, limits, effect };
        Ok(task.run(request))
    }

    /// Finds the rule that allows a request.
    ///
    /// # Errors
    ///
    /// There is none; the refusal is recorded.
    fn allow(&self, request: &Request<WasiBody>, target: &Target) -> Result<(&OpenHttp, usize)> {
        let (method, path, headers) = (request.method(), request.uri().path(), request.headers());
        let wanted = Wanted { target, method, path, headers };
        let refuse = |missing: Missing, rule: Option<&HttpGrant>| {
            let advice = missing.advice(self.denials.plugin(), rule, wanted);
            self.denials.note(denial(target::cut(&target.host.to_string()), advice));
            Error::HttpRequestDenied
        };
        let Some(open) = &self.open else { return Err(refuse(Missing::Host, None)) };
        match rule::find(open.access.grants(), wanted) {
            Ok(rule) => Ok((open, rule)),
            Err((missing, nearest)) => {
                Err(refuse(missing, open.access.rules.get(nearest).map(|rule| &rule.grant)))
            }
        }
    }

    fn rule_name(&self, grant: &HttpGrant) -> String {
        rule::name(self.denials.plugin(), grant)
    }
}

/// A request on its way.
struct Task {
    open: OpenHttp,
    rule: usize,
    target: Target,
    exchange: Exchange,
    denials: Denials,
    limits: OutboundLimits,
    effect: Option<EffectBody>,
}

impl Task {
    /// Sends the request, and hands its response out as soon as the head is there.
    async fn run(mut self, request: Request<WasiBody>) -> Result<Response<WasiBody>> {
        let shared = self.open.access.shared.clone();
        let end = self.limits.end;
        if timeout_at(end, self.exchange.admit(&shared.permits)).await.is_err() {
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
        let body = |body: ResponseBody| body.map_err(|error| error::to_guest(&error));
        Ok(response.map(|sent| Download { body: body(sent), exchange, secret }.boxed_unsync()))
    }

    /// Sends a request to where its rule allows it.
    async fn send(
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
            let frame = timeout_at(self.limits.end, body.frame()).await;
            match frame.map_err(|_| Error::ConnectionWriteTimeout)? {
                None => body = Empty::new().map_err(|never| match never {}).boxed_unsync(),
                Some(frame) => first = Some(frame?),
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
    async fn add_secret(&self, request: &mut Request<RequestBody>) -> Result<Option<AddedSecret>> {
        let access = &self.open.access;
        let Rule { grant, signer, .. } = &access.rules[self.rule];
        if let Some(signer) = signer {
            return self.sign(signer, request).await.map(Some);
        }
        let Some(injection) = &grant.secret else { return Ok(None) };
        let host = target::cut(&self.target.host.to_string());
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
        let host = target::cut(&self.target.host.to_string());
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

    /// Records why a request failed, and returns the guest's error.
    fn failed(&self, error: &OutboundError) -> Error {
        let host = target::cut(&self.target.host.to_string());
        match error {
            OutboundError::AddressProhibited { .. } => {
                let rule = rule::name(self.denials.plugin(), &self.open.access.rules[self.rule].grant);
                let grant =
                    format!("the host's network in `address` of {rule}; none for this machine or its link");
                self.denials.note(denial(host, grant));
            }
            error => self.denials.failed(INTERFACE, &host, error),
        }
        error::to_guest(error)
    }
}

fn denial(host: String, grant: String) -> Denial {
    Denial { interface: INTERFACE, grant: grant.into(), host: Some(host.into()) }
}

fn of_target(error: TargetError) -> Error {
    match error {
        TargetError::Path(_) | TargetError::Query => Error::HttpRequestUriInvalid,
        TargetError::Long => Error::HttpRequestUriTooLong,
        _ => Error::HttpRequestDenied,
    }
}

/// Returns the size that a request says its body has; `wasi:http` has checked that it is one number.
fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Returns the limits of a request: those of the rule, of the guest and of the call, whichever comes first.
fn limits(grant: &HttpGrant, options: Option<RequestOptions>, deadline: Instant) -> OutboundLimits {
    let now = Instant::now();
    let end = deadline.min(now + Duration::from_millis(grant.time_ms));
    let left = end.saturating_duration_since(now).max(MIN_TIMEOUT);
    let options = options.unwrap_or_default();
    let limit = |asked: Option<Duration>| asked.unwrap_or(left).clamp(MIN_TIMEOUT, left);
    OutboundLimits {
        connect: limit(options.connect_timeout),
        first_byte: limit(options.first_byte_timeout),
        between_bytes: limit(options.between_bytes_timeout),
        end: end.into(),
        max_request_bytes: grant.request_bytes,
        max_response_bytes: grant.response_bytes,
    }
}

/// Tells whether no plugin may set a header, nor read it in a response: it is about one connection.
fn is_of_connection(name: &HeaderName) -> bool {
    HeaderClass::of(name.as_str()) == HeaderClass::Never
}

/// The result of [`WasiHttpHooks::send_request`].
type SendFuture = Box<
    dyn Future<Output = Result<(Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>)>>
        + Send,
>;

impl WasiHttpHooks for HttpSender {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        is_of_connection(name)
    }

    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(is_of_connection)
    }

    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> SendFuture {
        match self.start(request, options) {
            Err(error) => Box::new(async { Err(error) }),
            Ok(response) => Box::new(async {
                let done: Box<dyn Future<Output = Result<()>> + Send> = Box::new(async { Ok(()) });
                Ok((response.await?, done))
            }),
        }
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_a_guest_lie_between_a_millisecond_and_what_is_left() {
        let grant = HttpGrant { time_ms: 5_000, ..HttpGrant::new("a.example".parse().unwrap()) };
        let far = Instant::now() + Duration::from_secs(60);
        let asked = |time| RequestOptions {
            connect_timeout: Some(time),
            first_byte_timeout: Some(time),
            between_bytes_timeout: Some(time),
        };
        for (time, least) in [
            (Duration::ZERO, MIN_TIMEOUT),
            (Duration::from_nanos(1), MIN_TIMEOUT),
            (Duration::from_secs(1), Duration::from_secs(1)),
            (Duration::MAX, Duration::from_secs(5)),
        ] {
            let limits = limits(&grant, Some(asked(time)), far);
            for limit in [limits.connect, limits.first_byte, limits.between_bytes] {
                assert_eq!(limit, least, "{time:?}");
            }
        }
        let near = Instant::now() + Duration::from_secs(2);
        assert!(limits(&grant, None, near).end <= near.into(), "no request outlives its call");
        assert!(limits(&grant, None, Instant::now()).connect >= MIN_TIMEOUT);
    }
}
