//! Chooses the definitions that a message must fulfil.

use serde_json::Value;

use crate::client::Revision;

/// The definitions for a message and for its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Definition {
    /// The revision whose schema holds the definitions.
    pub(super) revision: Revision,
    /// The definition of the whole message.
    pub(super) message: &'static str,
    /// The definition of its `result`.
    pub(super) result: Option<&'static str>,
}

/// Returns the definitions for a message that answers `method`, or any method.
///
/// For revisions before 2025-11-25 this is the envelope of that revision alone, because their schemas are not kept.
pub(super) fn of(message: &Value, revision: Revision, method: Option<&str>) -> Definition {
    if let Some(definition) = modern_error(message) {
        return Definition { revision: Revision::Modern, message: definition, result: None };
    }
    let is_kept = revision >= Revision::November2025;
    let revision = if is_kept { revision } else { Revision::November2025 };
    let (message, result) = if message.get("result").is_some() {
        ("JSONRPCResultResponse", result(message, method).filter(|_| is_kept))
    } else if let Some(method) = message.get("method").and_then(Value::as_str) {
        (if is_kept { notification(method) } else { "JSONRPCNotification" }, None)
    } else {
        ("JSONRPCErrorResponse", None)
    };
    Definition { revision, message, result }
}

/// Returns the definition of an error that has its own in every revision: it tells that the server is a modern one.
fn modern_error(message: &Value) -> Option<&'static str> {
    match message.pointer("/error/code")?.as_i64()? {
        -32020 => Some("HeaderMismatchError"),
        -32021 => Some("MissingRequiredClientCapabilityError"),
        -32022 => Some("UnsupportedProtocolVersionError"),
        _ => None,
    }
}

fn result(message: &Value, method: Option<&str>) -> Option<&'static str> {
    if message["result"]["resultType"] == "input_required" {
        return Some("InputRequiredResult");
    }
    Some(match method? {
        "server/discover" => "DiscoverResult",
        "initialize" => "InitializeResult",
        "tools/list" => "ListToolsResult",
        "tools/call" => "CallToolResult",
        "resources/list" => "ListResourcesResult",
        "resources/templates/list" => "ListResourceTemplatesResult",
        "resources/read" => "ReadResourceResult",
        "prompts/list" => "ListPromptsResult",
        "prompts/get" => "GetPromptResult",
        "completion/complete" => "CompleteResult",
        "subscriptions/listen" => "SubscriptionsListenResult",
        _ => "EmptyResult",
    })
}

/// Returns the definition of a notification that a server may send; a request, which it may not send, fulfils none.
fn notification(method: &str) -> &'static str {
    match method {
        "notifications/progress" => "ProgressNotification",
        "notifications/message" => "LoggingMessageNotification",
        "notifications/subscriptions/acknowledged" => "SubscriptionsAcknowledgedNotification",
        _ => "ServerNotification",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn definition(message: &Value, revision: Revision, method: &str) -> (&'static str, Option<&'static str>) {
        let definition = of(message, revision, Some(method));
        (definition.message, definition.result)
    }

    #[test]
    fn a_result_has_the_definition_of_its_method() {
        let message = json!({"jsonrpc": "2.0", "id": 1, "result": {}});
        for (method, expected) in [("tools/list", "ListToolsResult"), ("ping", "EmptyResult")] {
            let expected = ("JSONRPCResultResponse", Some(expected));
            assert_eq!(definition(&message, Revision::Modern, method), expected);
            assert_eq!(definition(&message, Revision::November2025, method), expected);
        }
        let asking = json!({"jsonrpc": "2.0", "id": 1, "result": {"resultType": "input_required"}});
        assert_eq!(definition(&asking, Revision::Modern, "tools/call").1, Some("InputRequiredResult"));
    }

    #[test]
    fn of_the_oldest_revisions_only_the_envelope_is_known() {
        let message = json!({"jsonrpc": "2.0", "id": 1, "result": {}});
        let definition = of(&message, Revision::June2025, Some("tools/list"));
        assert_eq!((definition.revision, definition.result), (Revision::November2025, None));
    }

    #[test]
    fn an_error_of_the_modern_revision_is_one_in_answer_to_every_other() {
        let message = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32022, "message": "no"}});
        let definition = of(&message, Revision::March2025, Some("tools/list"));
        assert_eq!(definition.revision, Revision::Modern);
        assert_eq!(definition.message, "UnsupportedProtocolVersionError");
    }
}
