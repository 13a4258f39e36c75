//! How what a function returned becomes the answer to a request.

use bytes::Bytes;

use crate::catalog::Returns;
use crate::codec::Body;
use crate::content::{self, ContentError, Form, GetError, ReadError, RevisionFeatures, Scope};
use crate::outcome::ClientOutcome;
use crate::protocol::render::{CacheScope, CallToolResult, Content, Freshness, Outcome, Renderer};
use crate::protocol::{Fault, Head, ParamsError, Revision};
use crate::sandbox::Denial;

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
pub(super) fn revision_features(revision: Revision) -> RevisionFeatures {
    RevisionFeatures {
        icons: revision.has_icons(),
        titles: revision.has_structured_content(),
        resource_links: revision.has_resource_links(),
        last_modified: revision.has_structured_content(),
        output_schemas: revision.has_structured_content(),
    }
}

/// What a client is told where a plugin says what cannot be sent.
const UNFIT: &str = "the plugin returned content that cannot be sent";

/// Who answers, and whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rendering<'a> {
    pub(super) renderer: &'a Renderer,
    pub(super) head: &'a Head,
    /// The plugin that has spoken, for the log.
    pub(super) plugin: &'a str,
}

/// A plugin that says what cannot be sent. Its author reads in the log where, and what was expected; what stood there
/// may be anybody's.
pub(super) fn unfit(plugin: &str, error: &ContentError) -> Fault {
    tracing::warn!(plugin, path = error.path, expected = error.expected, "{UNFIT}");
    Fault::Failed { reason: UNFIT.to_owned() }
}

impl Reply {
    /// The JSON-RPC response.
    ///
    /// # Errors
    /// What is a JSON-RPC error instead.
    pub(super) fn response(
        &self,
        rendering: Rendering<'_>,
        said: &ClientOutcome<'_>,
    ) -> Result<Bytes, Fault> {
        let answered = match said {
            ClientOutcome::Returned { outcome, body, denied } => {
                let answered = self.returned(rendering, *outcome, body, *denied);
                answered.unwrap_or_else(|error| Err(unfit(rendering.plugin, &error)))
            }
            said => Err(refused(said)),
        };
        match answered {
            // What goes wrong inside a tool is its result, for the model to read.
            Err(Fault::Failed { reason }) if matches!(self, Reply::Tool(_) | Reply::DynamicTool(_)) => {
                Ok(rendering.tool(Outcome::Failure, Content::Text(&reason)))
            }
            answered => answered,
        }
    }

    /// The value that a function returned, for lists and proposals.
    ///
    /// # Errors
    /// What the client is told where there is none.
    pub(super) fn value(said: &ClientOutcome<'_>) -> Result<Bytes, Fault> {
        match said {
            ClientOutcome::Returned { outcome: Outcome::Success, body, .. } => {
                Ok(Bytes::copy_from_slice(bytes(body)))
            }
            ClientOutcome::Returned { body, .. } => Err(Fault::Failed { reason: text(body) }),
            said => Err(refused(said)),
        }
    }

    fn returned(
        &self,
        rendering: Rendering<'_>,
        outcome: Outcome,
        body: &Body,
        denied: Option<Denial>,
    ) -> Result<Result<Bytes, Fault>, ContentError> {
        let Rendering { renderer, head, .. } = rendering;
        let features = revision_features(head.revision);
        let value = bytes(body);
        let is_success = outcome == Outcome::Success;
        Ok(match self {
            Reply::Tool(returns) => match (form(*returns).filter(|_| is_success), denied) {
                // A denied tool often says something else than what is wrong: the client is told both.
                (_, Some(denial)) if !is_success => Err(Fault::Failed { reason: both(body, denial) }),
                (None, _) => Ok(rendering.tool(outcome, content_of(body))),
                (Some(form), _) => {
                    let said = content::blocks(value, form, features)?;
                    let content =
                        Content::Blocks { blocks: &said.blocks, structured: said.structured.as_deref() };
                    Ok(rendering.tool(outcome, content))
                }
            },
            Reply::DynamicTool(name) if !is_success => Err(Fault::unknown_tool(name)),
            Reply::DynamicTool(_) => Ok(rendering.dynamic_tool(&content::tool_result(value, features)?)),
            Reply::Prompt if !is_success => Err(Fault::Failed { reason: text(body) }),
            Reply::DynamicPrompt(name) if !is_success => Err(match content::get_error(value)? {
                GetError::NotFound => Fault::unknown_prompt(name),
                GetError::InvalidArguments(reason) => ParamsError::Plugin { reason }.into(),
                GetError::Failed(reason) => Fault::Failed { reason },
            }),
            Reply::Prompt | Reply::DynamicPrompt(_) => {
                let prompt = content::prompt_messages(value, features)?;
                Ok(renderer.get_prompt(head, prompt.description.as_deref(), &prompt.messages))
            }
            Reply::Resource(uri) if !is_success => Err(match content::read_error(value)? {
                ReadError::NotFound => Fault::ResourceNotFound { uri: uri.clone() },
                ReadError::Failed(reason) => Fault::Failed { reason },
            }),
            Reply::Resource(_) => {
                let reading = content::reading(value)?;
                Ok(renderer.read_resource(head, &reading.contents, freshness(reading.freshness)))
            }
        })
    }
}

impl Rendering<'_> {
    fn tool(&self, outcome: Outcome, content: Content<'_>) -> Bytes {
        self.renderer.call_tool(self.head, &CallToolResult { outcome, content, meta: None })
    }

    fn dynamic_tool(&self, result: &content::ToolResult) -> Bytes {
        let outcome = if result.is_error { Outcome::Failure } else { Outcome::Success };
        let content = Content::Blocks { blocks: &result.blocks, structured: result.structured.as_deref() };
        let meta = result.meta.as_deref();
        self.renderer.call_tool(self.head, &CallToolResult { outcome, content, meta })
    }
}

/// What is an error, whatever was called.
fn refused(said: &ClientOutcome<'_>) -> Fault {
    match said {
        ClientOutcome::Refused(fault) => fault.clone(),
        ClientOutcome::Failed(text) => Fault::Failed { reason: text.clone() },
        // Nobody can be asked where nothing can be sealed.
        ClientOutcome::Asks(_) | ClientOutcome::Returned { .. } => Fault::Internal,
    }
}

fn form(returns: Returns) -> Option<Form> {
    match returns {
        Returns::Value => None,
        Returns::Block => Some(Form::Block),
        Returns::Blocks => Some(Form::Blocks),
        Returns::ContentAndStructured => Some(Form::ContentAndStructured),
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
fn bytes(body: &Body) -> &[u8] {
    match body {
        Body::Json(json) => json,
        Body::Text(text) => text.as_bytes(),
        Body::Empty => b"null",
    }
}

/// What an error says.
fn text(body: &Body) -> String {
    String::from_utf8_lossy(bytes(body)).into_owned()
}

fn both(body: &Body, denial: Denial) -> String {
    match body {
        Body::Empty => denial.to_string(),
        body => format!("{}\n{denial}", text(body)),
    }
}

fn content_of(body: &Body) -> Content<'_> {
    match body {
        Body::Empty => Content::Empty,
        Body::Text(text) => Content::Text(text),
        Body::Json(json) => Content::Json(json),
    }
}
