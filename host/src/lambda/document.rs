//! An HTTP response as one JSON document, for edges that pass nothing on before the end.
//!
//! The body of a response is text: JSON, events, a line for people. Only what is no UTF-8 goes as base64.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use lambda_http::aws_lambda_events::alb::AlbTargetGroupResponse;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse};
use lambda_http::aws_lambda_events::encodings::Body as Text;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::answer::NO_TYPE;
use super::form::HeaderLists;
use crate::protocol::{Fault, Rejection, sse};
use crate::service::Body;

/// The form of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Payload format 2.0, for HTTP APIs.
    HttpApi,
    /// That of REST APIs.
    RestApi,
    /// That of load balancers.
    Alb(HeaderLists),
    /// The JSON-RPC response alone; `null` for a notification.
    Message,
    /// The result of a tool call alone.
    ToolResult,
}

/// The most bytes of a document that Lambda takes.
const LAMBDA_BYTES: usize = 6 << 20;

/// The most bytes of a document that a load balancer takes.
const ALB_BYTES: usize = 1_000_000;

impl Layout {
    fn most_bytes(self) -> usize {
        match self {
            Self::Alb(_) => ALB_BYTES,
            _ => LAMBDA_BYTES,
        }
    }
}

/// Writes a response. One that is too large becomes an error, under its own id.
pub(super) async fn of(layout: Layout, response: Response<Body>) -> Bytes {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default(); // it never fails
    let most = layout.most_bytes();
    let document = written(layout, parts.status, parts.headers.clone(), &body);
    if document.len() <= most {
        return document.into();
    }
    let bytes = document.len();
    drop(document);
    tracing::warn!(bytes, most, "a response is larger than its edge takes: an error goes in its place");
    written(layout, StatusCode::OK, parts.headers, &too_large(&body, most)).into()
}

fn written(layout: Layout, status: StatusCode, mut headers: HeaderMap, body: &Bytes) -> Vec<u8> {
    headers.entry(CONTENT_TYPE).or_insert(NO_TYPE);
    let status_code = i64::from(status.as_u16());
    let document = match layout {
        Layout::HttpApi => json(&v2(status_code, headers, body)),
        Layout::RestApi => json(&v1(status_code, headers, body)),
        Layout::Alb(lists) => json(&alb(status, headers, body, lists)),
        Layout::Message => Ok(message(body)),
        Layout::ToolResult => Ok(tool_result(body)),
    };
    // Headers and a text: always JSON.
    document.unwrap_or_else(|_| br#"{"statusCode":500}"#.to_vec())
}

fn json(document: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(document)
}

fn v2(status_code: i64, mut headers: HeaderMap, body: &Bytes) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    let cookies = headers.get_all(SET_COOKIE).iter();
    response.cookies =
        cookies.map(|cookie| String::from_utf8_lossy(cookie.as_bytes()).into_owned()).collect();
    headers.remove(SET_COOKIE);
    response.status_code = status_code;
    response.headers = joined(&headers);
    (response.body, response.is_base64_encoded) = text(body);
    response
}

fn v1(status_code: i64, headers: HeaderMap, body: &Bytes) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = status_code;
    response.multi_value_headers = headers;
    (response.body, response.is_base64_encoded) = text(body);
    response
}

fn alb(status: StatusCode, headers: HeaderMap, body: &Bytes, lists: HeaderLists) -> AlbTargetGroupResponse {
    let mut response = AlbTargetGroupResponse::default();
    response.status_code = i64::from(status.as_u16());
    response.status_description = Some(status.to_string());
    match lists {
        HeaderLists::On => response.multi_value_headers = headers,
        HeaderLists::Off => response.headers = joined(&headers),
    }
    (response.body, response.is_base64_encoded) = text(body);
    response
}

/// Joins the values of each header of a response that is streamed: API Gateway takes one value of each in the prelude.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html>
pub(super) fn with_single_headers(mut response: Response<Body>) -> Response<Body> {
    *response.headers_mut() = joined(response.headers());
    response
}

/// Joins the values of each header, where a document has room for one.
fn joined(headers: &HeaderMap) -> HeaderMap {
    let value = |name: &HeaderName| {
        let values: Vec<_> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
        HeaderValue::from_bytes(&values.join(&b", "[..])).ok()
    };
    headers.keys().filter_map(|name| Some((name.clone(), value(name)?))).collect()
}

fn text(body: &Bytes) -> (Option<Text>, bool) {
    match std::str::from_utf8(body) {
        Ok("") => (None, false),
        Ok(text) => (Some(Text::Text(text.to_owned())), false),
        Err(_) => (Some(Text::Text(BASE64_STANDARD.encode(body))), true),
    }
}

/// A JSON-RPC response, of which some members are looked at.
#[derive(Deserialize)]
struct Reply<'r> {
    #[serde(borrow)]
    id: Option<&'r RawValue>,
    #[serde(borrow)]
    result: Option<&'r RawValue>,
    error: Option<ReplyError>,
}

#[derive(Deserialize)]
struct ReplyError {
    message: String,
}

fn message(body: &Bytes) -> Vec<u8> {
    if body.is_empty() { b"null".to_vec() } else { body.to_vec() }
}

/// Takes the result out of a response. An error becomes a result that says so, as MCP has it for tools that fail.
fn tool_result(body: &Bytes) -> Vec<u8> {
    let reply: Option<Reply<'_>> = serde_json::from_slice(body).ok();
    if let Some(result) = reply.as_ref().and_then(|reply| reply.result) {
        return result.get().as_bytes().to_vec();
    }
    let error = reply.and_then(|reply| reply.error).map(|error| error.message);
    let text = error.unwrap_or_else(|| "the server gave no response".to_owned());
    let content = serde_json::json!([{"type": "text", "text": text}]);
    serde_json::json!({"content": content, "isError": true}).to_string().into_bytes()
}

/// Writes the error that takes the place of a response, as JSON or as an event, as the response was.
fn too_large(body: &Bytes, most: usize) -> Bytes {
    let event = body.strip_prefix(sse::EVENT_HEAD);
    let reply: Option<Reply<'_>> = serde_json::from_slice(event.unwrap_or(body)).ok();
    let id = reply.and_then(|reply| reply.id).map(|id| id.get().to_owned());
    let reason = format!("the response is larger than the {most} bytes that this endpoint passes on");
    let error = Rejection::early(Fault::Failed { reason }, None).body();
    let error = match id {
        Some(id) => [&br#"{"id":"#[..], id.as_bytes(), b",", &error[1..]].concat().into(),
        None => error,
    };
    if event.is_some() { sse::event(&error) } else { error }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    async fn document(layout: Layout, response: Response<Body>) -> Value {
        serde_json::from_slice(&of(layout, response).await).unwrap()
    }

    fn response(body: &'static str) -> Response<Body> {
        let response = Response::builder().status(200).header("content-type", "application/json");
        let response = response.header("vary", "origin").header("vary", "accept");
        let response = response.header("set-cookie", "a=1").header("set-cookie", "b=2");
        response.body(Body::from(Bytes::from_static(body.as_bytes()))).unwrap()
    }

    #[tokio::test]
    async fn an_http_api_gets_joined_headers_and_cookies_apart() {
        let document = document(Layout::HttpApi, response("{}")).await;
        assert_eq!((&document["statusCode"], &document["body"]), (&json!(200), &json!("{}")));
        assert_eq!(
            document["headers"],
            json!({"content-type": "application/json", "vary": "origin, accept"})
        );
        assert_eq!(document["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(document["isBase64Encoded"], json!(false));
    }

    #[tokio::test]
    async fn a_rest_api_gets_every_value() {
        let document = document(Layout::RestApi, response("{}")).await;
        let headers = &document["multiValueHeaders"];
        assert_eq!(headers["vary"], json!(["origin", "accept"]));
        assert_eq!(headers["set-cookie"], json!(["a=1", "b=2"]));
        assert_eq!(document["headers"], json!({}), "or the two would be merged");
    }

    #[tokio::test]
    async fn a_load_balancer_gets_headers_of_the_kind_that_it_sends() {
        let on = document(Layout::Alb(HeaderLists::On), response("{}")).await;
        assert_eq!(on["multiValueHeaders"]["vary"], json!(["origin", "accept"]));
        assert_eq!((&on["statusDescription"], &on["headers"]), (&json!("200 OK"), &json!({})));
        let off = document(Layout::Alb(HeaderLists::Off), response("{}")).await;
        assert_eq!(off["headers"]["vary"], json!("origin, accept"));
        assert_eq!(off["multiValueHeaders"], json!({}));
    }

    #[tokio::test]
    async fn what_is_no_text_goes_as_base64_and_an_empty_body_not_at_all() {
        let binary = Response::new(Body::from(Bytes::from_static(b"\xff")));
        let sent = document(Layout::HttpApi, binary).await;
        assert_eq!((&sent["body"], &sent["isBase64Encoded"]), (&json!("/w=="), &json!(true)));
        let empty = document(Layout::HttpApi, Response::new(Body::from(Bytes::new()))).await;
        assert_eq!(empty.get("body"), None);
        assert_eq!(empty["headers"]["content-type"], json!("application/json"));
    }

    #[tokio::test]
    async fn a_message_is_answered_by_a_message_and_a_gateway_by_a_result() {
        let reply = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#;
        assert_eq!(document(Layout::Message, response(reply)).await["id"], json!(1));
        assert_eq!(document(Layout::ToolResult, response(reply)).await, json!({"content": []}));
        assert_eq!(document(Layout::Message, response("")).await, Value::Null);
        let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no such tool"}}"#;
        let result = document(Layout::ToolResult, response(error)).await;
        assert_eq!(result["isError"], json!(true));
        assert_eq!(result["content"], json!([{"type": "text", "text": "no such tool"}]));
    }

    #[tokio::test]
    async fn a_response_that_an_edge_would_not_take_is_an_error_under_its_own_id() {
        let large = |id: &str, bytes: usize| {
            let reply = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"a":"{}"}}}}"#, "x".repeat(bytes));
            Response::new(Body::from(Bytes::from(reply)))
        };
        let lists = HeaderLists::Off;
        for (layout, most) in [(Layout::Alb(lists), ALB_BYTES), (Layout::HttpApi, LAMBDA_BYTES)] {
            let fits = document(layout, large("1", most - 600)).await;
            assert!(fits["body"].as_str().unwrap().contains("result"), "{layout:?}");
            let sent = of(layout, large("\"a\\\"b\"", most)).await;
            assert!(sent.len() <= most, "{layout:?}");
            let sent: Value = serde_json::from_slice(&sent).unwrap();
            let error: Value = serde_json::from_str(sent["body"].as_str().unwrap()).unwrap();
            assert_eq!((&error["id"], &error["jsonrpc"]), (&json!("a\"b"), &json!("2.0")), "{layout:?}");
            assert!(error["error"]["message"].as_str().unwrap().contains(&most.to_string()), "{error}");
        }
    }

    #[tokio::test]
    async fn the_error_is_an_event_where_the_response_was_one() {
        let reply = format!(r#"{{"jsonrpc":"2.0","id":7,"result":"{}"}}"#, "x".repeat(ALB_BYTES));
        let event = Response::new(Body::from(sse::event(reply.as_bytes())));
        let sent = document(Layout::Alb(HeaderLists::Off), event).await;
        let event = sent["body"].as_str().unwrap().strip_prefix("event: message\ndata: ").unwrap();
        assert_eq!(serde_json::from_str::<Value>(event.trim_end()).unwrap()["id"], json!(7));
    }
}
