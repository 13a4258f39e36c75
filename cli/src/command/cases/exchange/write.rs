//! Writes exchanges as a case holds them.

use http::{HeaderMap, HeaderName};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use toolcell_host::sandbox::tape::{Recorded, SentRequest, TapedResponse};

use super::super::case::Case;
use super::super::content::{Content, Form};
use super::super::json::written;
use super::super::pretty;
use super::KEY;
use super::header::{is_of_request, is_of_response};

/// Returns the exchange of what was recorded.
///
/// # Errors
/// Method, address, and the reason why there is no whole response.
pub(in super::super) fn record(recorded: &Recorded) -> Result<Box<RawValue>, String> {
    let Recorded { request, response } = recorded;
    match response {
        Ok(response) => Ok(exchange(request, &written_response(response))),
        Err(reason) => Err(format!("{} {}: {reason}", request.method, request.url)),
    }
}

/// The lines of JSON that would answer requests, to be changed at will.
pub(in super::super) fn lines(case: &Case, requests: &[SentRequest]) -> String {
    let file = case.file.display();
    let entries: Vec<_> = requests.iter().map(entry).collect();
    if case.exchanges.is_none() {
        let member = pretty::member(KEY, &written(&entries), 2);
        return format!(
            "add to {file}, with responses of your own:\n{member},\n\
             or run `toolcell test --update`, which sends the requests and records the responses"
        );
    }
    let entries: Vec<_> = entries.iter().map(|entry| format!("    {}", pretty::value(entry, 4, 0))).collect();
    format!(
        "add to \"{KEY}\" in {file}, with responses of your own:\n{}\n\
         or remove \"{KEY}\" and run `toolcell test --update`, which sends the requests and records the responses",
        entries.join(",\n")
    )
}

/// Returns an exchange for a request, with a response to start from.
fn entry(request: &SentRequest) -> Box<RawValue> {
    exchange(request, &written(&json!({ "status": 200, "text": "..." })))
}

fn exchange(request: &SentRequest, response: &RawValue) -> Box<RawValue> {
    written(&Pairs(vec![("request", &written_request(request)), ("response", response)]))
}

fn written_request(request: &SentRequest) -> Box<RawValue> {
    let SentRequest { method, url, headers, body } = request;
    let (method, url) = (written(&method.as_str()), written(url));
    let content = content(headers, body);
    let headers = written_headers(headers, is_of_request);
    let mut pairs: Vec<(&str, &RawValue)> = vec![("method", &method), ("url", &url)];
    pairs.extend(headers.as_deref().map(|headers| ("headers", headers)));
    pairs.extend(content.as_ref().map(|(key, value)| (*key, &**value)));
    written(&Pairs(pairs))
}

fn written_response(response: &TapedResponse) -> Box<RawValue> {
    let TapedResponse { status, headers, body } = response;
    let status = written(&status.as_u16());
    let content = content(headers, body);
    let headers = written_headers(headers, |name| is_of_response(name, body));
    let mut pairs: Vec<(&str, &RawValue)> = vec![("status", &status)];
    pairs.extend(headers.as_deref().map(|headers| ("headers", headers)));
    pairs.extend(content.as_ref().map(|(key, value)| (*key, &**value)));
    written(&Pairs(pairs))
}

/// The members of an object, in this order.
struct Pairs<'v>(Vec<(&'static str, &'v RawValue)>);

impl serde::Serialize for Pairs<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// Returns key and value of a body; `None` if it is empty.
fn content(headers: &HeaderMap, body: &[u8]) -> Option<(&'static str, Box<RawValue>)> {
    let kind = headers.get(http::header::CONTENT_TYPE).map(|kind| kind.as_bytes().to_ascii_lowercase());
    let is_json = kind.is_some_and(|kind| kind.windows(4).any(|part| part == b"json"));
    let form = if is_json { Form::Json } else { Form::Plain };
    (!body.is_empty()).then(|| Content::of(body, form).member())
}

/// Tells whether a body is recorded as base64.
pub(in super::super) fn is_binary(body: &[u8]) -> bool {
    matches!(Content::of(body, Form::Plain), Content::Base64(_))
}

/// Writes the headers to record, in alphabetical order; returns `None` if none are left.
fn written_headers(headers: &HeaderMap, is_kept: impl Fn(&HeaderName) -> bool) -> Option<Box<RawValue>> {
    let mut names: Vec<_> = headers.keys().filter(|name| is_kept(name)).collect();
    names.sort_by_key(|name| name.as_str());
    let members: Map<String, Value> =
        names.into_iter().map(|name| (name.to_string(), values(headers, name))).collect();
    (!members.is_empty()).then(|| written(&members))
}

fn values(headers: &HeaderMap, name: &HeaderName) -> Value {
    let values = headers.get_all(name).iter();
    let mut texts: Vec<Value> =
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned().into()).collect();
    match texts.len() {
        1 => texts.remove(0),
        _ => texts.into(),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Method, StatusCode};

    use super::*;

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in all {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn an_exchange_is_recorded_without_credentials_and_without_what_changes_each_day() {
        let request = SentRequest {
            method: Method::POST,
            url: "https://a.example/".to_owned(),
            headers: headers(&[
                ("content-type", "application/vnd.api+json"),
                ("authorization", "Bearer t0ken"),
                ("cookie", "a=b"),
                ("user-agent", "x"),
                ("content-length", "9"),
                ("x-version", "1"),
            ]),
            body: br#"{"a":1.0}"#.to_vec(),
        };
        let response = TapedResponse {
            status: StatusCode::CREATED,
            headers: headers(&[
                ("content-type", "text/plain"),
                ("date", "today"),
                ("set-cookie", "s3ssion"),
                ("x-amzn-requestid", "7"),
                ("transfer-encoding", "chunked"),
                ("content-length", "1"),
                ("link", "<a>"),
                ("link", "<b>"),
            ]),
            body: b"1".to_vec(),
        };
        let found = record(&Recorded { request, response: Ok(response) }).unwrap();
        let expected = r#"{"request":{"method":"POST","url":"https://a.example/","headers":{"content-type":"application/vnd.api+json","x-version":"1"},"json":{"a":1.0}},"response":{"status":201,"headers":{"content-type":"text/plain","link":["<a>","<b>"]},"text":"1"}}"#;
        assert_eq!(found.get(), expected);
    }

    #[test]
    fn the_length_of_a_response_without_a_body_is_recorded() {
        let request = SentRequest {
            method: Method::HEAD,
            url: "https://a.example/".to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        let response = TapedResponse {
            status: StatusCode::OK,
            headers: headers(&[("content-length", "5")]),
            body: Vec::new(),
        };
        let found = record(&Recorded { request, response: Ok(response) }).unwrap();
        assert!(
            found.get().ends_with(r#""response":{"status":200,"headers":{"content-length":"5"}}}"#),
            "{found}"
        );
    }
}
