//! Implements the tools of [`Handler`](super::handler::Handler).

use std::sync::Arc;
use std::time::Duration;

use rmcp::ErrorData;
use rmcp::model::*;
use rmcp::service::{RequestContext, RoleServer};
use serde_json::{Value, json};

use super::handler::PIXEL;

/// The pause between two messages, as in `tests/conformance`.
const PAUSE: Duration = Duration::from_millis(50);

/// The only state that the server issues.
const STATE: &str = "v1.state";

/// Returns all tools, which are the same for every client.
pub(super) fn all() -> Vec<Tool> {
    let value = json!({"type": "string", "x-mcp-header": "Value"});
    let plain = [
        "about",
        "test_simple_text",
        "test_image_content",
        "test_multiple_content_types",
        "test_error_handling",
        "test_tool_with_progress",
        "test_missing_capability",
        "test_input_required_result_elicitation",
        "test_input_required_result_request_state",
    ];
    let mut tools = plain.map(|name| tool(name, json!({}), json!([]))).to_vec();
    tools.push(tool("test_custom_header", json!({"value": value}), json!(["value"])));
    tools
}

fn tool(name: &'static str, properties: Value, required: Value) -> Tool {
    let schema = json!({
        "type": "object", "properties": properties, "required": required, "additionalProperties": false
    });
    let Value::Object(schema) = schema else { unreachable!("an object was written") };
    Tool::new(name, "As tests/conformance describes it.", Arc::new(schema))
}

/// Runs a tool.
///
/// # Errors
/// Fails if the tool is unknown, the client lacks a capability that it needs, or the state is not this server's.
pub(super) async fn call(
    request: CallToolRequestParams,
    context: RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    let arguments = request.arguments.clone().unwrap_or_default();
    let Some(tool) = all().into_iter().find(|tool| tool.name == request.name) else {
        return Err(ErrorData::invalid_params(format!("unknown tool {}", request.name), None));
    };
    if tool.name == "test_missing_capability" {
        require_sampling(&context)?;
    }
    verify(request.request_state.as_deref())?;
    // rmcp's own router answers like this if arguments cannot be read.
    if let Some(problem) = misfit(&tool, &arguments) {
        return Ok(CallToolResult::error(vec![ContentBlock::text(problem)]).into());
    }
    Ok(match tool.name.as_ref() {
        "test_image_content" => success(vec![ContentBlock::image(PIXEL, "image/png")]),
        "test_multiple_content_types" => success(vec![
            ContentBlock::text("Multiple content types test:"),
            ContentBlock::image(PIXEL, "image/png"),
            ContentBlock::resource(
                ResourceContents::text("{}", "test://mixed-content-resource")
                    .with_mime_type("application/json"),
            ),
        ]),
        "test_error_handling" => {
            let text = "This tool intentionally returns an error for testing";
            CallToolResult::error(vec![ContentBlock::text(text)]).into()
        }
        "test_tool_with_progress" => progress(&context).await,
        "test_input_required_result_elicitation" => elicitation(&request, "user_name"),
        "test_input_required_result_request_state" => elicitation(&request, "confirm"),
        "test_custom_header" => {
            success(vec![ContentBlock::text(arguments["value"].as_str().unwrap_or_default())])
        }
        _ => success(vec![ContentBlock::text("This is a simple text response for testing.")]),
    })
}

/// Refuses every state but [`STATE`].
pub(super) fn verify(state: Option<&str>) -> Result<(), ErrorData> {
    match state {
        None | Some(STATE) => Ok(()),
        Some(_) => Err(ErrorData::invalid_params("this server did not issue the state", None)),
    }
}

fn require_sampling(context: &RequestContext<RoleServer>) -> Result<(), ErrorData> {
    let declared = context.meta.client_capabilities().or_else(|| context.client_capabilities());
    if declared.is_some_and(|capabilities| capabilities.sampling.is_some()) {
        return Ok(());
    }
    let mut required = ClientCapabilities::default();
    required.sampling = Some(Default::default());
    Err(ErrorData::missing_required_client_capability(required))
}

/// Returns the fault of arguments, all of which must be strings.
fn misfit(tool: &Tool, arguments: &JsonObject) -> Option<String> {
    let properties = tool.input_schema["properties"].as_object().cloned().unwrap_or_default();
    let unknown = arguments.keys().find(|name| !properties.contains_key(*name));
    let missing = properties.keys().find(|name| !arguments.get(*name).is_some_and(Value::is_string));
    unknown.or(missing).map(|name| format!("failed to deserialize parameters: {name}"))
}

fn success(content: Vec<ContentBlock>) -> CallToolResponse {
    CallToolResult::success(content).into()
}

async fn progress(context: &RequestContext<RoleServer>) -> CallToolResponse {
    if let Some(token) = context.meta.get_progress_token() {
        for done in [0.0, 50.0, 100.0] {
            let progress = ProgressNotificationParam::new(token.clone(), done).with_total(100.0);
            // The client may have hung up.
            let _ = context.peer.notify_progress(progress).await;
            tokio::time::sleep(PAUSE).await;
        }
    }
    success(vec![ContentBlock::text("Progress was reported.")])
}

fn elicitation(request: &CallToolRequestParams, key: &str) -> CallToolResponse {
    if request.input_responses.as_ref().is_some_and(|responses| responses.contains_key(key)) {
        return success(vec![ContentBlock::text("Thank you.")]);
    }
    let schema = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let params = json!({"mode": "form", "message": "Please", "requestedSchema": schema});
    let question = json!({key: {"method": "elicitation/create", "params": params}});
    let questions: InputRequests = serde_json::from_value(question).expect("a question of the protocol");
    InputRequiredResult::new(Some(questions), Some(STATE.to_owned())).into()
}
