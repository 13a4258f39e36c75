//! How what a function returned becomes the answer to a request.

use bytes::Bytes;

use crate::catalog::Returns;
use crate::content::{self, ContentError, Form, GetError, ReadError, Scope, Vocabulary};
use crate::protocol::render::{CacheScope, CallToolResult, Content, Freshness, Outcome, Renderer};
use crate::protocol::{Fault, Head, Revision};
use crate::rescue::Said;

/// What a request asked for, and so what its answer looks like.
#[derive(Debug)]
pub(super) enum Reply {
    /// `tools/call` of a function of its own.
    Tool(Returns),
    /// `tools/call` through `dynamic-tools`, under this name.
    DynamicTool(String),
    /// `prompts/get` of a function of its own.
    Prompt,
    /// `prompts/get` through `prompts`, under this name.
    DynamicPrompt(String),
    /// `resources/read` of this URI.
    Resource(String),
}

/// What a client of a revision knows.
pub(super) fn vocabulary(revision: Revision) -> Vocabulary {
    Vocabulary {
        icons: revision.has_icons(),
        titles: revision.has_structured_content(),
        resource_links: revision.has_resource_links(),
        last_modified: revision.has_structured_content(),
        output_schemas: revision.has_structured_content(),
    }
}

/// A plugin that says what cannot be sent: its author reads why in the log.
pub(super) fn unfit(error: &ContentError) -> Fault {
    tracing::warn!(%error, "the plugin returned content that cannot be sent");
    Fault::Failed("the plugin returned content that cannot be sent".to_owned())
}

impl Reply {
    /// The JSON-RPC response.
    ///
    /// # Errors
    /// What is a JSON-RPC error instead.
    pub(super) fn response(&self, renderer: &Renderer, head: &Head, said: &Said<'_>) -> Result<Bytes, Fault> {
        let is_tool = matches!(self, Reply::Tool(_) | Reply::DynamicTool(_));
        match said {
            Said::Returned { outcome, content } => {
                self.returned(renderer, head, *outcome, content.content()).map_err(|error| unfit(&error))?
            }
            Said::Failed(text) if is_tool => {
                let content = Content::Text(text);
                Ok(renderer
                    .call_tool(head, &CallToolResult { outcome: Outcome::Failure, content, meta: None }))
            }
            said => Err(refused(said)),
        }
    }

    /// The value that a function returned, for lists and proposals.
    ///
    /// # Errors
    /// What the client is told where there is none.
    pub(super) fn value(said: &Said<'_>) -> Result<Bytes, Fault> {
        match said {
            Said::Returned { outcome: Outcome::Success, content } => {
                Ok(Bytes::copy_from_slice(json(content.content())))
            }
            Said::Returned { content, .. } => {
                Err(Fault::Failed(String::from_utf8_lossy(json(content.content())).into_owned()))
            }
            said => Err(refused(said)),
        }
    }

    fn returned(
        &self,
        renderer: &Renderer,
        head: &Head,
        outcome: Outcome,
        said: Content<'_>,
    ) -> Result<Result<Bytes, Fault>, ContentError> {
        let known = vocabulary(head.revision);
        let value = json(said);
        let is_success = outcome == Outcome::Success;
        Ok(match self {
            Reply::Tool(returns) => match form(*returns).filter(|_| is_success) {
                None => Ok(renderer.call_tool(head, &CallToolResult { outcome, content: said, meta: None })),
                Some(form) => {
                    let said = content::blocks(value, form, known)?;
                    let content =
                        Content::Blocks { blocks: &said.blocks, structured: said.structured.as_deref() };
                    Ok(renderer.call_tool(head, &CallToolResult { outcome, content, meta: None }))
                }
            },
            Reply::DynamicTool(name) if !is_success => Err(Fault::unknown_tool(name)),
            Reply::DynamicTool(_) => Ok(dynamic_tool(renderer, head, &content::tool_result(value, known)?)),
            Reply::Prompt if !is_success => Err(Fault::Failed(String::from_utf8_lossy(value).into_owned())),
            Reply::DynamicPrompt(name) if !is_success => Err(match content::get_error(value)? {
                GetError::NotFound => Fault::unknown_prompt(name),
                GetError::InvalidArguments(text) => Fault::Params(text),
                GetError::Failed(text) => Fault::Failed(text),
            }),
            Reply::Prompt | Reply::DynamicPrompt(_) => {
                let prompt = content::prompt_messages(value, known)?;
                Ok(renderer.get_prompt(head, prompt.description.as_deref(), &prompt.messages))
            }
            Reply::Resource(uri) if !is_success => Err(match content::read_error(value)? {
                ReadError::NotFound => Fault::ResourceNotFound { uri: uri.clone() },
                ReadError::Failed(text) => Fault::Failed(text),
            }),
            Reply::Resource(_) => {
                let reading = content::reading(value)?;
                Ok(renderer.read_resource(head, &reading.contents, freshness(reading.freshness)))
            }
        })
    }
}

fn dynamic_tool(renderer: &Renderer, head: &Head, result: &content::ToolResult) -> Bytes {
    let outcome = if result.is_error { Outcome::Failure } else { Outcome::Success };
    let content = Content::Blocks { blocks: &result.blocks, structured: result.structured.as_deref() };
    renderer.call_tool(head, &CallToolResult { outcome, content, meta: result.meta.as_deref() })
}

/// What is an error, whatever was called.
fn refused(said: &Said<'_>) -> Fault {
    match said {
        Said::Refused(fault) => fault.clone(),
        Said::Failed(text) => Fault::Failed(text.clone()),
        // Nobody can be asked where nothing can be sealed.
        Said::Asks(_) | Said::Returned { .. } => Fault::Internal,
    }
}

fn form(returns: Returns) -> Option<Form> {
    match returns {
        Returns::Value => None,
        Returns::Block => Some(Form::Block),
        Returns::Blocks => Some(Form::Blocks),
        Returns::Beside => Some(Form::Beside),
    }
}

/// Contents are their reader's alone and stale at once, unless the plugin says otherwise.
fn freshness(said: Option<content::Freshness>) -> Freshness {
    match said {
        None => Freshness { ttl_ms: 0, scope: CacheScope::Private },
        Some(content::Freshness { ttl_ms, scope }) => Freshness {
            ttl_ms: ttl_ms.into(),
            scope: match scope {
                Scope::Public => CacheScope::Public,
                Scope::Private => CacheScope::Private,
            },
        },
    }
}

/// What was returned, as it came from the function: JSON, or text where it is text.
fn json(content: Content<'_>) -> &[u8] {
    match content {
        Content::Json(json) => json,
        Content::Text(text) => text.as_bytes(),
        Content::Empty | Content::Blocks { .. } => b"null",
    }
}
