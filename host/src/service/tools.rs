//! `tools/call`.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::value::RawValue;

use super::answer::Answer;
use super::consent::Consent;
use super::request::{Invocation, PluginRequest, RequestBinding};
use super::result::{ResultKind, unreadable};
use super::{Carrier, Service, Session};
use crate::catalog::{Confirm, FunctionRef, Item, ProviderRole, Tool};
use crate::codec::Param;
use crate::protocol::render::{CallToolResult, Content, Outcome};
use crate::protocol::{CallTool, Era, Fault, Input, ParamHeader, ParamKind, Revision, check_param_headers};

impl Service {
    pub(super) async fn call_tool(&self, request: PluginRequest<'_>, call: CallTool) -> Answer {
        let tool = match self.runner.index().tool(&call.name) {
            Ok(Some(tool)) => tool,
            Ok(None) => return self.call_dynamic_tool(request, call).await,
            Err(error) => return request.refuse(unreadable(&error)),
        };
        if let Err(refused) = self.authorize_call(&request, &tool.name, &tool.required_scopes) {
            return refused;
        }
        match check_call(&request, &tool, &call) {
            Ok(()) => {}
            // A handshake's capabilities are forgotten: an older client can only be told so.
            Err(Fault::Capability { required }) if request.head.revision.era() == Era::Legacy => {
                let text = needs_capability(&required);
                let content = Content::Text(&text);
                let called =
                    CallToolResult { outcome: Outcome::Failure, content, meta: None, challenge: None };
                return Answer::Json(self.renderer.call_tool(&request.head, &called));
            }
            Err(fault) => return request.refuse(fault),
        }
        let consent = match self.pass_policies(&request, &tool, &call).await {
            Ok(consent) => consent,
            Err(refused) => return refused,
        };
        let CallTool { name, arguments, .. } = call;
        let invocation = Invocation {
            input: consent.input,
            confirm: once_where_counted(tool.confirm, tool.calls_per_minute),
            arguments: if tool.raw_arguments { raw(&tool, &arguments) } else { arguments.clone() },
            result: ResultKind::Tool(tool.returns),
            binding: RequestBinding { target: name, arguments },
            function: FunctionRef::Tool(tool),
        };
        self.invoke(request, invocation).await
    }

    /// Asks the user and counts the call, as the deployer wants it for this tool; in this order, so that a question is no
    /// call, and a call is counted in its first round alone. The answer is used up last.
    async fn pass_policies(
        &self,
        request: &PluginRequest<'_>,
        tool: &Arc<Item<Tool>>,
        call: &CallTool,
    ) -> Result<Consent, Answer> {
        let consent = self.ask_consent(request, tool, call).await?;
        let counted = (tool.plugin().name.as_str(), Some(tool.name.as_str()));
        if !is_later_round(&call.input, &consent) {
            self.count_call(request, counted, &tool.name, tool.calls_per_minute).await?;
        }
        if let Some(token) = &consent.token {
            self.use_answer(request, &tool.name, tool.confirm, token).await?;
        }
        Ok(consent)
    }

    /// Calls a tool that only its plugin knows: the plugin with the longest prefix of its name.
    async fn call_dynamic_tool(&self, request: PluginRequest<'_>, call: CallTool) -> Answer {
        let CallTool { name, arguments, input } = call;
        let Some(provider) = self.provider_of(ProviderRole::CallTool, &name) else {
            return request.refuse(Fault::unknown_tool(&name));
        };
        if let Err(refused) = self.authorize_call(&request, &name, &provider.required_scopes) {
            return refused;
        }
        let plugin = provider.plugin().name.as_str();
        let calls_per_minute = provider.calls_per_minute;
        if input.state.is_none()
            && let Err(refused) = self.count_call(&request, (plugin, None), &name, calls_per_minute).await
        {
            return refused;
        }
        let (own_name, text) = (&name[provider.prefix.len()..], String::from_utf8_lossy(&arguments));
        let given = serde_json::json!({ "name": own_name, "arguments": text }).to_string();
        let invocation = Invocation {
            function: FunctionRef::Provider(provider),
            arguments: given.into(),
            result: ResultKind::DynamicTool(name.clone()),
            binding: RequestBinding { target: name, arguments },
            input,
            confirm: once_where_counted(Confirm::Never, calls_per_minute),
        };
        self.invoke(request, invocation).await
    }
}

/// Tells whether a request goes on with a call of which the plugin has asked something: that call is counted already.
fn is_later_round(input: &Input, consent: &Consent) -> bool {
    input.state.is_some() && consent.token.is_none()
}

/// Returns for how many calls an answer is good: where calls are counted, for one, because a later round is not counted.
fn once_where_counted(confirm: Confirm, calls_per_minute: Option<u32>) -> Confirm {
    if calls_per_minute.is_some() { Confirm::Once } else { confirm }
}

/// Checks what depends on the tool: steps 14 and 16 of [`crate::protocol`].
fn check_call(request: &PluginRequest<'_>, tool: &Tool, call: &CallTool) -> Result<(), Fault> {
    let has_headers = request.context().carrier == Carrier::Http && !Session::is_part(request.parts);
    if request.head.revision.era() == Era::Modern && has_headers {
        check_param_headers(&request.parts.headers, &param_headers(tool), &call.arguments)?;
    }
    // A client that cannot ask its user never runs a tool that needs the user's word.
    if tool.confirm != Confirm::Never && !request.can_show_forms() {
        return Err(Fault::Capability { required: elicitation() });
    }
    match &tool.requires_client_capabilities {
        Some(required) if !request.meta.capabilities.cover(required) => {
            Err(Fault::Capability { required: required.clone() })
        }
        _ => Ok(()),
    }
}

/// Wraps the arguments as the text that the tool's one parameter takes.
fn raw(tool: &Tool, arguments: &[u8]) -> Bytes {
    let param = tool.function.params.first().map_or("", |param| param.name.as_str());
    let text = String::from_utf8_lossy(arguments);
    serde_json::json!({ param: text }).to_string().into()
}

/// Returns the capability of a client that shows forms to its user.
fn elicitation() -> Box<RawValue> {
    RawValue::from_string(r#"{"elicitation":{"form":{}}}"#.to_owned()).unwrap_or_default()
}

fn needs_capability(required: &RawValue) -> String {
    let revision = Revision::MODERN.name();
    format!(
        "this tool needs a client that declares {required} with each request, as clients of revision {revision} do"
    )
}

fn param_headers(tool: &Tool) -> Vec<ParamHeader> {
    let kind = |param: &Param| if param.is_integer() { ParamKind::Integer } else { ParamKind::Text };
    let header = |param: &Param| ParamHeader::new(param.header.as_deref()?, &param.name, kind(param));
    tool.function.params.iter().filter_map(header).collect()
}
