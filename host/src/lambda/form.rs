//! Recognizes the form of an event, before anything of it is believed.
//!
//! AWS does not tell a function who invoked it. The form is what the members of the event, and the client context of
//! `Invoke`, say together; an event that fits two forms has none (docs/adr/0049).

use super::client_context::ClientContext;
use super::members::Members;
use super::stranger;

/// The form of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Of a Function URL.
    FunctionUrl,
    /// Of an HTTP API, payload format 2.0.
    HttpApi,
    /// Of a REST API.
    RestApi,
    /// Of a load balancer.
    Alb(HeaderLists),
    /// A tool's arguments, beside a client context that names the tool.
    AgentCore,
    /// An MCP message.
    Direct,
}

/// Tells whether a load balancer's target group has multi-value headers turned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderLists {
    /// It has: headers are lists of values, in both directions.
    On,
    /// It has not.
    Off,
}

/// The reason why an event has no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoForm {
    /// Not even an object, or one with a member twice.
    #[error("not a JSON object whose members occur once each")]
    NoObject,
    /// Something else that invokes functions, or nothing known.
    #[error("{0}")]
    Stranger(&'static str),
    /// Two forms at once.
    #[error("an event of two forms at once, {0} and {1}")]
    Ambiguous(&'static str, &'static str),
    /// It contradicts itself.
    #[error("an event that imitates {0}: {1}")]
    Imitation(&'static str, &'static str),
}

impl Form {
    /// Recognizes an event.
    ///
    /// # Errors
    /// It is of something else, of two forms at once, or contradicts itself.
    pub(super) fn of(event: &[u8], context: &ClientContext) -> Result<Self, NoForm> {
        let members = Members::read(event).map_err(|_| NoForm::NoObject)?;
        let request = members.object("requestContext");
        let has = |name: &str| request.as_ref().is_some_and(|request| request.has(name));
        let is_http = has("http");
        let is_rest = members.has("httpMethod") && (members.has("resource") || has("resourcePath"));
        let signs = [
            (context.names_tool(), Self::AgentCore),
            (is_http, Self::HttpApi),
            (is_rest, Self::RestApi),
            (has("elb"), Self::Alb(HeaderLists::of(&members))),
            (members.has("jsonrpc"), Self::Direct),
        ];
        let mut seen = signs.into_iter().filter(|(is_seen, _)| *is_seen).map(|(_, form)| form);
        let form = seen.next().ok_or_else(|| NoForm::Stranger(stranger::name(&members)))?;
        if let Some(second) = seen.next() {
            return Err(NoForm::Ambiguous(form.name(), second.name()));
        }
        if form != Self::AgentCore && stranger::is_known(&members) {
            return Err(NoForm::Ambiguous(form.name(), stranger::name(&members)));
        }
        match (form, request) {
            (Self::HttpApi, Some(request)) => version_2(&members, &request, context),
            (Self::RestApi, Some(request)) => rest(&members, &request, context),
            (Self::RestApi, None) => Err(NoForm::Imitation(form.name(), "it has no requestContext")),
            (Self::Alb(_), _) => from_front(form, context),
            (form, _) => Ok(form),
        }
    }

    /// Tells whether the headers of the answer are lists.
    pub(super) fn header_lists(self) -> HeaderLists {
        match self {
            Self::Alb(lists) => lists,
            _ => HeaderLists::Off,
        }
    }

    /// Returns what people call it, with its article.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FunctionUrl => "an event of a Function URL",
            Self::HttpApi => "an event of an HTTP API",
            Self::RestApi => "an event of a REST API",
            Self::Alb(_) => "an event of a load balancer",
            Self::AgentCore => "an event of an AgentCore Gateway",
            Self::Direct => "a direct invocation with an MCP message",
        }
    }
}

impl HeaderLists {
    fn of(members: &Members<'_>) -> Self {
        if members.has("multiValueHeaders") { Self::On } else { Self::Off }
    }
}

/// Tells a Function URL from an HTTP API, whose events have one format: by the domain that AWS gives each URL.
fn version_2(members: &Members<'_>, request: &Members<'_>, context: &ClientContext) -> Result<Form, NoForm> {
    if members.text("version").as_deref() != Some("2.0") {
        return Err(NoForm::Stranger("an HTTP event of another payload format than 2.0"));
    }
    let domain = request.text("domainName").unwrap_or_default();
    let mut labels = domain.split('.');
    let (id, service) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
    let form = if service == "lambda-url" { Form::FunctionUrl } else { Form::HttpApi };
    let imitates = |why| Err(NoForm::Imitation(form.name(), why));
    if domain.is_empty() {
        return imitates("it has no requestContext.domainName");
    }
    if ["lambda-url", "execute-api"].contains(&service) && request.text("apiId").as_deref() != Some(id) {
        return imitates("requestContext.apiId is not the first part of the domain");
    }
    if form == Form::FunctionUrl && request.text("stage").as_deref() != Some("$default") {
        return imitates("requestContext.stage is not $default");
    }
    from_front(form, context)
}

/// A REST API's event has no version; an HTTP API with payload format 1.0 sends almost the same, with one.
fn rest(members: &Members<'_>, request: &Members<'_>, context: &ClientContext) -> Result<Form, NoForm> {
    if members.has("version") {
        return Err(NoForm::Stranger("an event of an HTTP API with payload format 1.0: set it to 2.0"));
    }
    let method = members.text("httpMethod");
    if method.is_none() || request.text("httpMethod") != method {
        return Err(NoForm::Imitation(
            Form::RestApi.name(),
            "httpMethod and requestContext.httpMethod differ",
        ));
    }
    from_front(Form::RestApi, context)
}

/// A front end that speaks HTTP passes no client context on: only a caller of `Invoke` can set one.
fn from_front(form: Form, context: &ClientContext) -> Result<Form, NoForm> {
    match context.is_present() {
        true => Err(NoForm::Imitation(form.name(), "it came with a client context")),
        false => Ok(form),
    }
}
