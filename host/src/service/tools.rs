//! `tools/call`.

use bytes::Bytes;
use http::request::Parts;
use serde_json::value::RawValue;

use super::errand::{Errand, Subject, Task};
use super::reply::Reply;
use super::{Answer, Service};
use crate::catalog::{FunctionRef, Role, Tool};
use crate::protocol::render::{CallToolResult, Content, Outcome};
use crate::protocol::{
    CallTool, Era, Fault, Head, Meta, ParamHeader, Rejection, Revision, check_param_headers,
};

impl Service {
    pub(super) async fn call_tool(&self, errand: Errand<'_>, call: CallTool) -> Answer {
        let Some((place, tool)) = self.runner.index().tool(&call.name) else {
            return self.call_dynamic_tool(errand, call).await;
        };
        if let Err(rejection) = self.authorize(&errand, &tool.name, &tool.required_scopes) {
            return rejection.into();
        }
        match admit_call(errand.incoming.parts, &errand.head, &errand.meta, tool, &call) {
            Ok(()) => {}
            // A handshake's capabilities are forgotten: an older client can only be told so.
            Err(Fault::Capability { required }) if errand.head.revision.era() == Era::Legacy => {
                let text = needs_capability(&required);
                let content = Content::Text(&text);
                let called = CallToolResult { outcome: Outcome::Failure, content, meta: None };
                return Answer::Json(self.renderer.call_tool(&errand.head, &called));
            }
            Err(fault) => return Rejection::new(fault, &errand.head).into(),
        }
        let CallTool { name, arguments, input } = call;
        let given = if tool.raw_arguments { raw(tool, &arguments) } else { arguments.clone() };
        let task =
            Task { place: FunctionRef::Tool(place), arguments: given, reply: Reply::Tool(tool.returns) };
        let subject = Subject { method: "tools/call", target: &name, arguments: &arguments };
        self.run(errand, task, subject, input).await
    }

    /// Calls a tool that only its plugin knows, and of that only whose names it may be.
    async fn call_dynamic_tool(&self, errand: Errand<'_>, call: CallTool) -> Answer {
        let CallTool { name, arguments, input } = call;
        let Some((place, provider)) = self.named(Role::CallTool, &name) else {
            return Rejection::new(Fault::unknown_tool(&name), &errand.head).into();
        };
        if let Err(rejection) = self.authorize(&errand, &name, &provider.required_scopes) {
            return rejection.into();
        }
        let own_name = &name[provider.prefix.len()..];
        let text = String::from_utf8_lossy(&arguments);
        let given = serde_json::json!({ "name": own_name, "arguments": text }).to_string();
        let reply = Reply::DynamicTool(name.clone());
        let task = Task { place: FunctionRef::Provider(place), arguments: given.into(), reply };
        let subject = Subject { method: "tools/call", target: &name, arguments: &arguments };
        self.run(errand, task, subject, input).await
    }
}

/// Checks what depends on the tool: steps 14 and 16 of [`crate::protocol`].
fn admit_call(parts: &Parts, head: &Head, meta: &Meta, tool: &Tool, call: &CallTool) -> Result<(), Fault> {
    if head.revision.era() == Era::Modern {
        check_param_headers(&parts.headers, &param_headers(tool), &call.arguments)?;
    }
    match &tool.requires_client_capabilities {
        Some(required) if !meta.capabilities.cover(required) => {
            Err(Fault::Capability { required: required.clone() })
        }
        _ => Ok(()),
    }
}

/// The arguments as the text that the tool's one parameter takes.
fn raw(tool: &Tool, arguments: &[u8]) -> Bytes {
    let param = tool.function.params.first().map_or("", |param| param.name.as_str());
    let text = String::from_utf8_lossy(arguments);
    serde_json::json!({ param: text }).to_string().into()
}

fn needs_capability(required: &RawValue) -> String {
    let revision = Revision::MODERN.name();
    format!(
        "this tool needs a client that declares {required} with each request, as clients of revision {revision} do"
    )
}

fn param_headers(tool: &Tool) -> Vec<ParamHeader> {
    let params = tool.function.params.iter();
    params.filter_map(|param| ParamHeader::new(param.header.as_deref()?, &param.name)).collect()
}
