//! The client context of an invocation, which only callers of `Invoke` can set.
//!
//! An AgentCore Gateway names in it the tool whose arguments the event has:
//! <https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-add-target-lambda.html>.

use http::HeaderValue;
use serde::Deserialize;

/// The member of `custom` that names the tool.
const TOOL: &str = "bedrockAgentCoreToolName";

/// Stands between the names of the gateway's target and of the tool; a target's name has no underscore.
const SEPARATOR: &str = "___";

/// The known part of a client context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum ClientContext {
    /// The event came without a client context.
    #[default]
    Absent,
    /// There is one that names no tool, or that cannot be read.
    Other,
    /// An AgentCore Gateway's, with the name of its tool.
    Tool(String),
}

impl ClientContext {
    /// Reads the header of the Runtime API.
    pub(super) fn read(header: Option<&HeaderValue>) -> Self {
        #[derive(Deserialize)]
        struct Context {
            custom: Option<serde_json::Map<String, serde_json::Value>>,
        }
        let Some(header) = header else { return Self::Absent };
        let custom = serde_json::from_slice(header.as_bytes()).ok().and_then(|Context { custom }| custom);
        match custom.as_ref().and_then(|custom| custom.get(TOOL)) {
            Some(name) => Self::Tool(tool(name.as_str().unwrap_or_default()).to_owned()),
            None => Self::Other,
        }
    }

    /// Tells whether the invocation has any.
    pub(super) fn is_present(&self) -> bool {
        *self != Self::Absent
    }

    /// Tells whether it is an AgentCore Gateway's.
    pub(super) fn names_tool(&self) -> bool {
        self.tool().is_some()
    }

    /// Returns the name of the tool, without that of the gateway's target.
    pub(super) fn tool(&self) -> Option<&str> {
        match self {
            Self::Tool(name) => Some(name),
            Self::Absent | Self::Other => None,
        }
    }
}

fn tool(name: &str) -> &str {
    name.split_once(SEPARATOR).map_or(name, |(_, tool)| tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> ClientContext {
        ClientContext::read(Some(&HeaderValue::from_static(text)))
    }

    #[test]
    fn a_gateway_names_the_tool_after_its_target() {
        let named = |name: &str| ClientContext::Tool(name.to_owned());
        assert_eq!(
            read(r#"{"custom":{"bedrockAgentCoreToolName":"tools___make_slug"}}"#),
            named("make_slug")
        );
        assert_eq!(read(r#"{"custom":{"bedrockAgentCoreToolName":"t___a___b"}}"#), named("a___b"));
        assert_eq!(read(r#"{"custom":{"bedrockAgentCoreToolName":"make_slug"}}"#), named("make_slug"));
        assert_eq!(read(r#"{"custom":{"bedrockAgentCoreToolName":7}}"#), named(""), "no tool has this name");
    }

    #[test]
    fn any_other_context_is_seen_even_if_it_cannot_be_read() {
        assert_eq!(ClientContext::read(None), ClientContext::Absent);
        for text in ["{}", "null", "nonsense", r#"{"custom":{}}"#, r#"{"custom":[]}"#, r#"{"client":{}}"#, ""]
        {
            assert_eq!(read(text), ClientContext::Other, "{text}");
            assert!(read(text).is_present() && !read(text).names_tool());
        }
    }
}
