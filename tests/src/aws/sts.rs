//! `AssumeRole`, for whoever signs with the credentials of the server itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::header::CONTENT_TYPE;
use http::{Extensions, HeaderMap, Method, StatusCode, Uri};
use http_body_util::BodyExt as _;
use s3s::route::S3Route;
use s3s::{Body, S3Request, S3Response, S3Result, s3_error};
use toolcell_host::timestamp::Timestamp;

use super::ROLE;
use super::session::Sessions;
use crate::s3::ACCESS_KEY;

/// Answers for STS.
pub(super) struct Sts(pub(super) Arc<Sessions>);

#[async_trait]
impl S3Route for Sts {
    fn is_match(&self, method: &Method, uri: &Uri, headers: &HeaderMap, _: &mut Extensions) -> bool {
        let is_form =
            headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/x-www-form-urlencoded");
        method == Method::POST && uri.path() == "/" && is_form
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let signer = request.credentials.map(|credentials| credentials.access_key);
        if signer.as_deref() != Some(ACCESS_KEY) || request.service.as_deref() != Some("sts") {
            return Err(s3_error!(AccessDenied, "sts:AssumeRole is not allowed"));
        }
        let body = request.input.collect().await.map_err(|_| s3_error!(InternalError))?.to_bytes();
        let form = parameters(std::str::from_utf8(&body).expect("a form in ASCII"));
        let get = |name: &str| form.get(name).cloned().unwrap_or_default();
        let is_whole =
            get("Action") == "AssumeRole" && get("Version") == "2011-06-15" && !get("Policy").is_empty();
        if !is_whole || get("DurationSeconds").parse::<u64>().is_ok_and(|seconds| seconds < 900) {
            return Ok(refusal("ValidationError"));
        }
        if get("RoleArn") != ROLE {
            return Ok(refusal("AccessDenied"));
        }
        match self.0.open(get("RoleSessionName"), get("Policy")) {
            Err(code) => Ok(refusal(code)),
            Ok((one, validity)) => {
                let end = Timestamp::of(SystemTime::now() + Duration::from_secs(validity));
                Ok(S3Response::new(Body::from(format!(
                    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n<AssumeRoleResult>\
                     <Credentials>\n<AccessKeyId>{}</AccessKeyId>\n<SecretAccessKey>{}</SecretAccessKey>\n\
                     <SessionToken>{}</SessionToken>\n<Expiration>{end}</Expiration>\n</Credentials>\
                     </AssumeRoleResult></AssumeRoleResponse>",
                    one.access_key, one.secret_key, one.token
                ))))
            }
        }
    }
}

fn refusal(code: &str) -> S3Response<Body> {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>");
    let body = Body::from(format!("<ErrorResponse>{error}</ErrorResponse>"));
    S3Response::with_status(body, StatusCode::FORBIDDEN)
}

/// Takes a form apart.
fn parameters(form: &str) -> HashMap<String, String> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        Some((name.to_owned(), decoded(value)))
    };
    form.split('&').filter_map(pair).collect()
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        out.push(u8::from_str_radix(&part[..2], 16).expect("an escape"));
        out.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(out).expect("a text")
}
