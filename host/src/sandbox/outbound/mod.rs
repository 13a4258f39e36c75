//! Sends the requests of `wasi:http` that a rule allows, and refuses the others before a name is looked up.
//!
//! ```text
//! target   the address of a request -> the one spelling that is compared, or a refusal
//! rule     the first rule that allows all of a request, or what the nearest one lacks
//! limits   the times and sizes of a request, each the smallest that anybody set
//! task     a request that is allowed, until its response begins
//! ledger   the budgets of a call, rule by rule, and what it has used
//! injection the secret of a rule -> a header or parameter, and out of what comes back
//! effect   what the next round of a call that asks sends again
//! signing  the role of a rule -> a signature for AWS
//! body     bodies on their way, counted
//! network  what all plugins of a process share
//! tape     the exchanges of a golden case, in the place of the network
//! play     a request of a golden case: answered from its tape, or sent and recorded
//! ```
//!
//! A request is a task of its own, which ends with its handle, so at the latest with the call's store. Connections are
//! kept for each plugin and rule, and never shared beyond.

mod body;
mod effect;
mod error;
mod injection;
mod ledger;
mod limits;
mod network;
mod play;
mod rule;
mod signing;
pub mod tape;
mod target;
mod task;

use std::sync::Arc;
use std::time::Instant;

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, Request, Response};
use ipnet::IpNet;
use wasmtime_wasi_http::{Error, ForbiddenHeaderFilter, RequestOptions, Result, WasiBody, WasiHttpHooks};

use super::denial::{Denial, Denials};
use super::holder::Holder;
use crate::aws::AwsAccess;
use crate::catalog::{self, HeaderClass, HttpGrant, Signing};
use crate::net::Pool;
use crate::secrets::Secrets;
use effect::Effects;
use ledger::Ledger;
use network::Shared;
use rule::{Missing, Wanted};
use signing::Signer;
use target::{Target, TargetError};
use task::Task;

pub(super) use body::{EndGuard, Ended};
pub(super) use error::error_code;
pub use injection::is_injectable;
pub use ledger::{HttpUsage, RuleUsage};
pub use network::{Network, NetworkError};

/// The name of the interface in the log.
const INTERFACE: &str = "wasi:http/outgoing-handler";

/// The largest part of a request body that a guest may write at a time, in bytes.
const BODY_CHUNK_BYTES: usize = 64 << 10;

/// The rules of a plugin, each with its connections; shared by all calls of the plugin.
pub(super) struct HttpAccess {
    rules: Vec<Rule>,
    shared: Shared,
    secrets: Arc<Secrets>,
    /// The plugin, whose requests share what the process has, whoever calls it.
    holder: Holder,
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
        let holder = Holder::new(&plugin.name.as_str().into(), None);
        Ok(Some(Arc::new(Self { rules, shared, secrets: Arc::clone(secrets), holder })))
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
        if grant.sign.is_some()
            && let Some(fault) = signing::fault(request.uri())
        {
            let advice = format!("none: {} signs, so {fault}", self.rule_name(grant));
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
        let limits = limits::of_request(grant, options, open.deadline);
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
