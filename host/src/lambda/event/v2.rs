//! Payload format 2.0: Function URLs and HTTP APIs.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads> and
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.

use http::header::{COOKIE, HeaderValue};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest as Event;

use super::{DEFAULT_STAGE, EventError, Told, api_address, body, is_own_domain, request};
use crate::service::{HEALTH_PATH, MCP_PATH, ServerAddress};

pub(super) fn read(event: &[u8]) -> Result<Told, EventError> {
    let event: Event = serde_json::from_slice(event)?;
    let context = event.request_context;
    // No ARN at all is as good as one that names nobody: whoever it is, it is not an anonymous caller.
    let signer = context.authorizer.and_then(|authorizer| authorizer.iam);
    let signer = signer.map(|iam| iam.user_arn.unwrap_or_default());
    let stage = context.stage.as_deref();
    let path = event.raw_path.as_deref().map(|path| match stage {
        Some(stage) if stage != DEFAULT_STAGE => below(path, stage),
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
    let address = api_address(context.domain_name, stage).map(|address| match address {
        // The mapping of a domain may have a path, which no event of this format has.
        ServerAddress::Domain(domain) if !is_of_aws(&domain) => ServerAddress::MappedDomain(domain),
        address => address,
    });
    Ok(Told { request, signer, address, accepted_ms: context.time_epoch.try_into().ok() })
}

/// Takes the name of the stage off the path, where it is the first part: API Gateway puts it there at custom domains, too.
fn below<'p>(path: &'p str, stage: &str) -> &'p str {
    let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage));
    match rest {
        // A stage of this name, alone, would hide the path of the server.
        Some("") if [MCP_PATH, HEALTH_PATH].contains(&path) => path,
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// Tells whether AWS gave out a domain, which then maps to no path.
fn is_of_aws(domain: &str) -> bool {
    is_own_domain(domain) || domain.split('.').nth(1) == Some("lambda-url")
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
        for (path, expected) in
            [("/mcp", "/mcp"), ("/mcp/mcp", "/mcp"), ("/mcp/", "/"), ("/mcp/healthz", "/healthz")]
        {
            assert_eq!(below(path, "mcp"), expected, "{path}");
        }
    }
}
