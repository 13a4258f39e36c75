//! REST APIs.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format>.

use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyRequest as Event, ApiGatewayRequestIdentity};

use super::{EventError, Told, api_address, body, request};
use crate::percent::encoded;

/// The stage of a test in the console, which runs no authorizer and no resource policy.
const TEST_STAGE: &str = "test-invoke-stage";

pub(super) fn read(event: &[u8]) -> Result<Told, EventError> {
    let event: Event = serde_json::from_slice(event)?;
    let context = event.request_context;
    let stage = context.stage.as_deref();
    let signer = signer(context.identity).filter(|_| stage != Some(TEST_STAGE));
    // The lists have every value; the other members have the last one of each name.
    let headers =
        if event.multi_value_headers.is_empty() { event.headers } else { event.multi_value_headers };
    let parameters = match event.multi_value_query_string_parameters.is_empty() {
        true => event.query_string_parameters,
        false => event.multi_value_query_string_parameters,
    };
    let query: Vec<_> =
        parameters.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let body = body(event.body, event.is_base64_encoded)?;
    let request = request(event.http_method, event.path.as_deref(), &query.join("&"), headers, body)?;
    let accepted_ms = context.request_time_epoch.try_into().ok();
    Ok(Told { request, signer, address: api_address(context.domain_name, stage), accepted_ms })
}

/// Returns the caller whose signature was checked. Only for methods with `AWS_IAM` has the identity any of these members.
fn signer(identity: ApiGatewayRequestIdentity) -> Option<String> {
    let is_signed =
        [&identity.caller, &identity.user, &identity.access_key].iter().any(|name| name.is_some());
    // No ARN at all is as good as one that names nobody: whoever it is, it is not an anonymous caller.
    identity.user_arn.or_else(|| is_signed.then(String::new))
}
