//! Turns a request into the event of an invocation, in the form of what stands in front of the function.
//!
//! Function URLs and HTTP APIs have payload format 2.0, which is here:
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads>. Keys that the page shows as
//! `null` are left out where recorded events leave them out (`authentication`, `pathParameters`, `stageVariables`).

mod alb;
mod v1;

use std::collections::BTreeMap;

use std::net::IpAddr;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, Version, header};
use serde_json::{Map, Value, json};

use crate::clock;
use crate::front_end::FrontEnd;
use crate::function::Bodies;
use crate::header::ends_here;
use crate::identity::Identity;

/// The account of a caller that is not authenticated.
const ANONYMOUS: &str = "anonymous";

/// The account that owns everything here.
const ACCOUNT: &str = "123456789012";

/// The parts of an event that do not come from the request itself.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The front end of the function.
    pub front_end: FrontEnd,
    /// Its domain, for a URL `URLID.lambda-url.REGION.on.aws`.
    pub domain: String,
    /// The address that takes the place of the domain on this machine.
    pub address: std::net::SocketAddr,
    /// The client's address.
    pub peer: IpAddr,
    /// The caller that signed the request; `None` for `AuthType: NONE`.
    pub identity: Option<Identity>,
    /// The encoding of the body.
    pub bodies: Bodies,
    /// The time at which the request came.
    pub time: SystemTime,
    /// The invocation's id.
    pub request_id: String,
    /// The trace header: `Root=...`.
    pub trace: String,
}

/// Renders the event.
pub fn render(parts: &Parts, body: &[u8], origin: &Origin) -> Vec<u8> {
    match &origin.front_end {
        FrontEnd::FunctionUrl | FrontEnd::HttpApi { .. } => version_2(parts, body, origin),
        FrontEnd::RestApi { stage } => v1::render(parts, body, origin, stage),
        FrontEnd::LoadBalancer(lists) => alb::render(parts, body, origin, *lists),
    }
}

fn version_2(parts: &Parts, body: &[u8], origin: &Origin) -> Vec<u8> {
    let headers = joined(headers(parts, body, origin));
    let query = parts.uri.query().unwrap_or_default();
    let mut event = Map::new();
    let mut set = |key: &str, value: Value| event.insert(key.to_owned(), value);
    set("version", "2.0".into());
    set("routeKey", "$default".into());
    set("rawPath", parts.uri.path().into());
    set("rawQueryString", query.into());
    let cookies = cookies(&parts.headers);
    if !cookies.is_empty() {
        set("cookies", cookies.into());
    }
    set("requestContext", context(parts, &headers, origin));
    set("headers", Value::Object(headers));
    if !query.is_empty() {
        set("queryStringParameters", Value::Object(parameters(query)));
    }
    let (text, encoded) = text_of(parts, body, origin.bodies);
    if let Some(text) = text {
        set("body", text.into());
    }
    set("isBase64Encoded", encoded.into());
    serde_json::to_vec(&event).expect("a value is JSON")
}

/// The values of each header, under lower-case names.
type Headers = BTreeMap<String, Vec<String>>;

/// Joins repeated headers by a comma.
fn joined(headers: Headers) -> Map<String, Value> {
    let join = |(name, values): (String, Vec<String>)| {
        let separator = if name == header::COOKIE.as_str() { "; " } else { "," };
        (name, values.join(separator).into())
    };
    headers.into_iter().map(join).collect()
}

/// Lists the headers, and adds those that the front end sets.
fn headers(parts: &Parts, body: &[u8], origin: &Origin) -> Headers {
    let mut headers = Headers::new();
    for name in parts.headers.keys().filter(|name| !ends_here(name)) {
        let values =
            parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        headers.insert(name.to_string(), values.map(|value| value.into_owned()).collect());
    }
    let mut set = |name: &str, value: String| headers.insert(name.to_owned(), vec![value]);
    if !body.is_empty() {
        set("content-length", body.len().to_string());
    }
    set("host", host(&parts.headers, origin));
    set("x-amzn-tls-version", "TLSv1.3".to_owned());
    set("x-amzn-tls-cipher-suite", "TLS_AES_128_GCM_SHA256".to_owned());
    set("x-amzn-trace-id", origin.trace.clone());
    set("x-forwarded-for", origin.peer.to_string());
    set("x-forwarded-port", "443".to_owned());
    set("x-forwarded-proto", "https".to_owned());
    headers
}

/// Returns the domain if the client named this machine, and any other `Host` unchanged, so that a test can send one.
fn host(headers: &HeaderMap, origin: &Origin) -> String {
    let sent = headers.get(header::HOST).map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    let (address, port) = (origin.address.to_string(), origin.address.port());
    match sent {
        Some(host) if host != address && host != "localhost" && host != format!("localhost:{port}") => host,
        _ => origin.domain.clone(),
    }
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let cookies = lines.flat_map(|line| line.split(';')).map(str::trim);
    cookies.filter(|cookie| !cookie.is_empty()).map(str::to_owned).collect()
}

fn context(parts: &Parts, headers: &Map<String, Value>, origin: &Origin) -> Value {
    let account = match &origin.front_end {
        FrontEnd::FunctionUrl => origin.identity.as_ref().map_or(ANONYMOUS, |identity| &identity.account_id),
        _ => ACCOUNT,
    };
    let prefix = origin.domain.split('.').next().unwrap_or_default();
    let mut context = json!({
        "accountId": account,
        "apiId": prefix,
        "domainName": origin.domain,
        "domainPrefix": prefix,
        "http": {
            "method": parts.method.as_str(),
            "path": parts.uri.path(),
            "protocol": if parts.version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" },
            "sourceIp": origin.peer.to_string(),
        },
        "requestId": origin.request_id,
        "routeKey": "$default",
        "stage": origin.front_end.stage().unwrap_or("$default"),
        "time": clock::common_log(origin.time),
        "timeEpoch": clock::epoch_ms(origin.time),
    });
    if let Some(agent) = headers.get("user-agent") {
        context["http"]["userAgent"] = agent.clone();
    }
    if let Some(identity) = &origin.identity {
        context["authorizer"] = identity.authorizer();
    }
    context
}

/// Splits a query into names and values, as they are.
fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Decodes a name or a value of a query.
fn plain(text: &str) -> String {
    decoded(&text.replace('+', " "))
}

fn parameters(query: &str) -> Map<String, Value> {
    let mut parameters = Map::new();
    for (name, value) in pairs(query) {
        let (name, value) = (plain(name), plain(value));
        let joined = match parameters.get(&name).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value,
        };
        parameters.insert(name, joined.into());
    }
    parameters
}

/// Decodes percent encoding; a `%` without two hexadecimal digits stays.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        let code = code.filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(code) if byte == b'%' => {
                plain.push(code);
                at += 3;
            }
            _ => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Returns the body as text, and whether that text is base64.
fn text_of(parts: &Parts, body: &[u8], bodies: Bodies) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    match std::str::from_utf8(body) {
        Ok(text) if bodies == Bodies::ByType && kind.is_none_or(is_text) => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}

/// Reports whether a body of this type arrives as text.
fn is_text(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = kind.split_once('/').map(|(_, subtype)| subtype).unwrap_or_default();
    kind.starts_with("text/")
        || matches!(subtype, "json" | "javascript" | "xml")
        || subtype.ends_with("+json")
        || subtype.ends_with("+xml")
}

#[cfg(test)]
mod tests;
