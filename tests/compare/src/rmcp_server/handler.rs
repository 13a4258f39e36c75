//! Implements the part of `tests/conformance` that the corpus needs, under the same names, as rmcp's users would write
//! it.

use rmcp::ErrorData;
use rmcp::ServerHandler;
use rmcp::model::*;
use rmcp::service::{RequestContext, RoleServer};
use serde_json::json;

use super::tool;

/// The milliseconds that lists may be cached, as in toolcell.
const LIST_TTL_MS: u64 = 300_000;

/// One pixel, as base64.
pub(super) const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// The handler of every request.
#[derive(Clone, Debug)]
pub(super) struct Handler;

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let mut capabilities = ServerCapabilities::default();
        capabilities.tools = Some(ToolsCapability::default());
        capabilities.resources = Some(ResourcesCapability::default());
        capabilities.prompts = Some(PromptsCapability::default());
        capabilities.completions = Some(JsonObject::new());
        capabilities.logging = Some(JsonObject::new());
        ServerConfig::new(capabilities).with_server_info(Implementation::new("rmcp", "0.1.0"))
    }

    async fn discover(&self, _: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        let discovered = DiscoverResult::from_server_info(versions, self.get_info());
        Ok(discovered.with_ttl_ms(LIST_TTL_MS).with_cache_scope(CacheScope::Public))
    }

    #[expect(deprecated, reason = "the revisions of the older era have it")]
    async fn set_level(
        &self,
        _: SetLevelRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tool::all().into_iter().find(|tool| tool.name == name)
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        from_the_start(request)?;
        let list = ListToolsResult::with_all_items(tool::all());
        Ok(list.with_ttl_ms(LIST_TTL_MS).with_cache_scope(CacheScope::Public))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        tool::call(request, context).await
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        from_the_start(request)?;
        let resources = [("test://static-text", "static-text"), ("test://static-binary", "static-binary")];
        let resources = resources.map(|(uri, name)| Resource::new(uri, name));
        let list = ListResourcesResult::with_all_items(resources.into());
        Ok(list.with_ttl_ms(LIST_TTL_MS).with_cache_scope(CacheScope::Public))
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        from_the_start(request)?;
        let template = ResourceTemplate::new("test://template/{id}/data", "template");
        let list = ListResourceTemplatesResult::with_all_items(vec![template]);
        Ok(list.with_ttl_ms(LIST_TTL_MS).with_cache_scope(CacheScope::Public))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        tool::verify(request.request_state.as_deref())?;
        let uri = request.uri.as_str();
        let id = uri.strip_prefix("test://template/").and_then(|rest| rest.strip_suffix("/data"));
        let contents = match (uri, id) {
            ("test://static-text", _) => {
                let text = "This is the content of the static text resource.";
                ResourceContents::text(text, uri).with_mime_type("text/plain")
            }
            ("test://static-binary", _) => ResourceContents::blob(PIXEL, uri).with_mime_type("image/png"),
            (_, Some(id)) => {
                let data = json!({"id": id, "templateTest": true, "data": format!("Data for ID: {id}")});
                ResourceContents::text(data.to_string(), uri).with_mime_type("application/json")
            }
            _ => {
                let data = json!({"uri": uri});
                return Err(ErrorData::resource_not_found("no such resource", Some(data)));
            }
        };
        let result = ReadResourceResult::new(vec![contents]);
        Ok(result.with_ttl_ms(0).with_cache_scope(CacheScope::Private).into())
    }

    // Nothing ever changes, so a subscriber hears nothing, as with toolcell.
    async fn subscribe(
        &self,
        _: SubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(
        &self,
        _: UnsubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        from_the_start(request)?;
        let argument = |name| PromptArgument::new(name).with_required(true);
        let arguments = vec![argument("arg1"), argument("arg2")];
        let list = ListPromptsResult::with_all_items(vec![
            Prompt::new("test_simple_prompt", Some("A prompt without arguments."), None),
            Prompt::new("test_prompt_with_arguments", Some("A prompt with two arguments."), Some(arguments)),
            Prompt::new("test_prompt_with_image", Some("A prompt that holds an image."), None),
        ]);
        Ok(list.with_ttl_ms(LIST_TTL_MS).with_cache_scope(CacheScope::Public))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        tool::verify(request.request_state.as_deref())?;
        let arguments = request.arguments.unwrap_or_default();
        let argument = |name: &str| {
            let text = arguments.get(name).and_then(|value| value.as_str());
            text.ok_or_else(|| ErrorData::invalid_params(format!("{name} is missing"), None))
        };
        let messages = match request.name.as_str() {
            "test_simple_prompt" => vec![text("This is a simple prompt for testing.".to_owned())],
            "test_prompt_with_arguments" => {
                let (one, two) = (argument("arg1")?, argument("arg2")?);
                vec![text(format!("Prompt with arguments: arg1='{one}', arg2='{two}'"))]
            }
            "test_prompt_with_image" => {
                let image = ContentBlock::image(PIXEL, "image/png");
                vec![
                    PromptMessage::new(Role::User, image),
                    text("Please analyze the image above.".to_owned()),
                ]
            }
            name => return Err(ErrorData::invalid_params(format!("unknown prompt {name}"), None)),
        };
        Ok(GetPromptResult::new(messages).into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let known = match &request.r#ref {
            Reference::Prompt(prompt) => prompt.name.starts_with("test_"),
            Reference::Resource(template) => template.uri.starts_with("test://"),
            _ => false,
        };
        if !known {
            return Err(ErrorData::invalid_params("nothing to complete", None));
        }
        let fitting = ["paris", "park", "party"].into_iter();
        let fitting = fitting.filter(|word| word.starts_with(&request.argument.value)).map(str::to_owned);
        let info = CompletionInfo::with_all_values(fitting.collect());
        Ok(CompleteResult::new(info.map_err(|error| ErrorData::internal_error(error, None))?))
    }
}

fn text(text: String) -> PromptMessage {
    PromptMessage::new_text(Role::User, text)
}

/// Refuses every cursor: each list has one page, so the server has issued none.
fn from_the_start(request: Option<PaginatedRequestParams>) -> Result<(), ErrorData> {
    match request.and_then(|request| request.cursor) {
        Some(_) => Err(ErrorData::invalid_params("unknown cursor", None)),
        None => Ok(()),
    }
}
