//! Reads the exchanges of a case.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::value::RawValue;
use toolcell_host::sandbox::tape::{
    MAX_TAPED_BYTES, TapedError, TapedExchange, TapedResponse, WantedBody, WantedRequest, taped_url,
};

use super::super::content::Content;
use super::super::json::{Object, shown};
use super::KEY;
use crate::ui::problem::{Problem, Result, one_of};

/// Reads the exchanges, in the order of the file; `None` if the case has no such key.
///
/// # Errors
/// An exchange is malformed.
pub(in super::super) fn read(case: &Object<'_>) -> Result<Option<Vec<TapedExchange>>> {
    let Some(objects) = case.objects(KEY)? else { return Ok(None) };
    objects.iter().map(read_exchange).collect::<Result<_>>().map(Some)
}

fn read_exchange(object: &Object<'_>) -> Result<TapedExchange> {
    let request = object.nested("request")?.ok_or_else(|| {
        object
            .wrong("request", "is missing")
            .found("nothing")
            .expected("the request that the plugin sends")
            .next("write, for example, \"request\": { \"url\": \"https://api.example.com/items\" }")
    })?;
    let request = read_request(&request)?;
    let response =
        object.nested("response")?.map(|response| read_response(&response, &request)).transpose()?;
    let error = read_error(object)?;
    if response.is_none() && error.is_none() {
        return Err(object
            .wrong("response", "is missing")
            .found("neither `response` nor `error`")
            .expected("what comes back: a response, an error, or a response that breaks off with an error")
            .next("write, for example, \"response\": { \"status\": 200, \"text\": \"ok\" }"));
    }
    object.finish()?;
    Ok(TapedExchange { request, response, error })
}

fn read_request(object: &Object<'_>) -> Result<WantedRequest> {
    let request = WantedRequest {
        method: read_method(object)?,
        url: read_url(object)?,
        headers: read_headers(object)?,
        body: match read_content(object)? {
            None => WantedBody::Bytes(Vec::new()),
            Some(Content::Json(json)) => {
                WantedBody::Json(serde_json::from_str(json.get()).unwrap_or_default())
            }
            Some(content) => WantedBody::Bytes(content.into_bytes()),
        },
    };
    object.finish()?;
    Ok(request)
}

fn read_method(object: &Object<'_>) -> Result<Method> {
    let Some(text) = object.text("method")? else { return Ok(Method::GET) };
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase());
    text.parse().ok().filter(|_| is_plain).ok_or_else(|| {
        object
            .wrong("method", "is not a method of HTTP")
            .found(format!("{text:?}"))
            .expected("a method in capitals")
            .next("write, for example, \"method\": \"POST\"; GET is the default")
    })
}

fn read_url(object: &Object<'_>) -> Result<String> {
    let text = object.text("url")?.unwrap_or_default();
    taped_url(&text).map_err(|error| {
        object
            .wrong("url", "is not the address of a request")
            .found(if text.is_empty() { "nothing".to_owned() } else { format!("{text:?}: {error}") })
            .expected("an address that a plugin can send a request to, see docs/outbound.md")
            .next("write, for example, \"url\": \"https://api.example.com/items?page=1\"")
    })
}

/// Reads headers: each a value, or a list of values.
fn read_headers(object: &Object<'_>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in object.members_of("headers")? {
        let wrong = |wrong: &str, found: String| {
            object
                .wrong(&format!("headers.{name}"), wrong)
                .found(found)
                .expected("a name with a text, or with a list of texts")
                .next("write, for example, \"headers\": { \"content-type\": \"application/json\" }")
        };
        let header: HeaderName =
            name.parse().map_err(|_| wrong("is not the name of a header", format!("{name:?}")))?;
        for text in texts(value).ok_or_else(|| wrong("has the wrong type", shown(value)))? {
            let text: HeaderValue =
                text.parse().map_err(|_| wrong("cannot be the value of a header", shown(value)))?;
            headers.append(header.clone(), text);
        }
    }
    Ok(headers)
}

fn texts(value: &RawValue) -> Option<Vec<String>> {
    match value.get().starts_with('[') {
        true => serde_json::from_str(value.get()).ok(),
        false => serde_json::from_str(value.get()).ok().map(|text| vec![text]),
    }
}

fn read_content(object: &Object<'_>) -> Result<Option<Content>> {
    let Some(content) = Content::read(object)? else { return Ok(None) };
    let (key, bytes) = (content.member().0, content.clone().into_bytes().len());
    if bytes <= MAX_TAPED_BYTES {
        return Ok(Some(content));
    }
    Err(object
        .wrong(key, "is too large")
        .found(format!("{bytes} bytes"))
        .expected(format!("at most {MAX_TAPED_BYTES} bytes"))
        .next("shorten the body: a case shows one thing"))
}

fn read_response(object: &Object<'_>, request: &WantedRequest) -> Result<TapedResponse> {
    let (status, headers) = (read_status(object)?, read_headers(object)?);
    let content = read_content(object)?;
    let is_bodiless =
        request.method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if let Some(content) = content.as_ref().filter(|_| is_bodiless) {
        return Err(object
            .wrong(content.member().0, "is not part of this response")
            .found(format!("a body in the response with status {} to {}", status.as_u16(), request.method))
            .expected("no body: this kind of response has none")
            .next("remove it"));
    }
    object.finish()?;
    Ok(TapedResponse { status, headers, body: content.map(Content::into_bytes).unwrap_or_default() })
}

/// A final status: what comes before it is no response to a plugin.
fn read_status(object: &Object<'_>) -> Result<StatusCode> {
    let Some(raw) = object.get("status") else { return Ok(StatusCode::OK) };
    let number = raw.get().parse().ok().filter(|number| (200..=599).contains(number));
    number.and_then(|number: u16| StatusCode::from_u16(number).ok()).ok_or_else(|| {
        object
            .wrong("status", "is not the status of a response")
            .found(shown(raw))
            .expected("a whole number from 200 to 599")
            .next("write, for example, \"status\": 404; 200 is the default")
    })
}

/// An error stands as a string beside the request.
fn read_error(object: &Object<'_>) -> Result<Option<TapedError>> {
    let Some(text) = object.text("error")? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        Problem::refused(object.place("error"), "is not an error that a request can end in")
            .found(format!("{text:?}"))
            .expected(one_of(&TapedError::NAMES))
            .next("write one of these; what a rule refuses is refused in a case as well")
    })
}
