//! Payload format 2.0: Function URLs and HTTP APIs.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads> and
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.

use http::header::{COOKIE, HeaderValue};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest as Event;

use super::{DEFAULT_STAGE, EventError, Told, api_address, body, is_own_domain, request};

pub(super) fn read(event: &[u8]) -> Result<Told, EventError> {
    let event: Event = serde_json::from_slice(event)?;
    let context = event.request_context;
    // No ARN at all is as good as one that names nobody: whoever it is, it is not an anonymous caller.
    let signer = context.authorizer.and_then(|authorizer| authorizer.iam);
    let signer = signer.map(|iam| iam.user_arn.unwrap_or_default());
    let stage = context.stage.as_deref();
    let domain = context.domain_name.as_deref().unwrap_or_default();
    let path = event.raw_path.as_deref().map(|path| match stage {
        Some(stage) if stage != DEFAULT_STAGE && is_own_domain(domain) => below(path, stage),
        _ => path,
    });
    let mut headers = event.headers;
    if let Some(cookies) = event.cookies
        && let Ok(cookies) = HeaderValue::from_str(&cookies.join("; "))
    {
        headers.insert(COOKIE, cookies);
    }
    let body = body(event.body, event.is_base64_encoded)?;
    let query = event.raw_query_string.unwrap_or_default();
    let request = request(context.http.method, path, &query, headers, body)?;
    Ok(Told { request, signer, address: api_address(context.domain_name, stage) })
}

/// Takes the name of the stage off the path, where it is the first part.
fn below<'p>(path: &'p str, stage: &str) -> &'p str {
    let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage));
    match rest {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_part_of_the_path_is_the_stage() {
        for (path, expected) in [
            ("/prod/mcp", "/mcp"),
            ("/prod/prod/mcp", "/prod/mcp"),
            ("/prod", "/"),
            ("/prod/", "/"),
            ("/production/mcp", "/production/mcp"),
            ("/mcp", "/mcp"),
            ("prod/mcp", "prod/mcp"),
        ] {
            assert_eq!(below(path, "prod"), expected, "{path}");
        }
    }
}
