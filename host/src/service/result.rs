//! Turns what a function returned into the result of its method.

use bytes::Bytes;

use super::FRAME_BYTES;
use crate::catalog::{CatalogError, Returns};
use crate::codec::ResultBody;
use crate::content::{self, ContentError, Form, GetError, ReadError, RevisionFeatures};
use crate::mcp::{CacheScope, Freshness};
use crate::outcome::ClientOutcome;
use crate::protocol::render::{CallToolResult, Content, Outcome, Renderer};
use crate::protocol::{Fault, Head, ParamsError, Revision, sse};
use crate::sandbox::Denial;

/// Selects the form of a result by its request.
#[derive(Debug)]
pub(super) enum ResultKind {
    /// `tools/call` of a function of its own.
    Tool(Returns),
    /// `tools/call` through `dynamic-tools`, under this name.
    DynamicTool(String),
    /// `prompts/get` of a function of its own.
    Prompt,
    /// `prompts/get` through `prompts`, under this name.
    DynamicPrompt(String),
    /// `resources/read`.
    Resource {
        /// The URI.
        uri: String,
        /// The clients that may share the contents, if the plugin does not restrict them further.
        widest: CacheScope,
    },
}

/// The freshness of contents whose plugin says nothing of it: they are their reader's alone and stale at once.
const STALE: Freshness = Freshness { ttl_ms: 0, scope: CacheScope::Private };

/// The text for a client whose plugin returned what MCP does not allow.
const UNFIT: &str = "the plugin returned content that cannot be sent";

/// Returns the features that a client of a revision has.
pub(super) fn revision_features(revision: Revision) -> RevisionFeatures {
    RevisionFeatures {
        icons: revision.has_icons(),
        titles: revision.has_structured_content(),
        audio: revision.has_audio(),
        resource_links: revision.has_resource_links(),
        last_modified: revision.has_structured_content(),
        output_schemas: revision.has_structured_content(),
    }
}

/// Refuses content that MCP does not allow. The plugin's author reads in the log where it stands and what was expected,
/// but not the content, which may be a user's.
pub(super) fn unfit(plugin: &str, error: &ContentError) -> Fault {
    tracing::warn!(plugin, path = error.path, expected = error.expected, "{UNFIT}");
    Fault::Failed { reason: UNFIT.to_owned() }
}

/// Refuses a request for a function of which the catalog's part cannot be read; the log tells the operator what to do.
pub(super) fn unreadable(error: &CatalogError) -> Fault {
    tracing::error!(%error, "a part of the catalog cannot be used");
    Fault::Internal
}

/// Returns the value of a function that a list or completions need.
///
/// # Errors
/// Fails with the error for the client if the function returned none.
pub(super) fn value(client: &ClientOutcome<'_>) -> Result<Bytes, Fault> {
    match client {
        ClientOutcome::Returned(body) => Ok(Bytes::copy_from_slice(bytes(body))),
        ClientOutcome::Error { body, .. } => Err(Fault::Failed { reason: text(body) }),
        client => Err(refused(client)),
    }
}

/// The response of one call.
#[derive(Debug)]
pub(super) struct Response {
    /// The JSON-RPC response.
    pub(super) json: Bytes,
    /// The outcome: a failure is the result of a tool with `isError`.
    pub(super) outcome: Outcome,
}

impl Response {
    /// The response of a call that is no failure.
    pub(super) fn success(json: Bytes) -> Self {
        Self { json, outcome: Outcome::Success }
    }
}

/// Writes the response of one call.
pub(super) struct ResultWriter<'c> {
    pub(super) renderer: &'c Renderer,
    pub(super) head: &'c Head,
    pub(super) kind: &'c ResultKind,
    /// The name of the plugin, for the log.
    pub(super) plugin: &'c str,
    /// The most bytes of the result.
    pub(super) limit_bytes: usize,
}

impl ResultWriter<'_> {
    /// Writes the response.
    ///
    /// # Errors
    /// Fails with the fault for a JSON-RPC error.
    pub(super) fn response(&self, client: &ClientOutcome<'_>) -> Result<Response, Fault> {
        let response = match client {
            ClientOutcome::Returned(body) => self.success(body).map(Ok),
            ClientOutcome::Error { body, denied } => self.failure(body, *denied),
            client => Ok(Err(refused(client))),
        };
        let response = response.unwrap_or_else(|error| Err(unfit(self.plugin, &error)));
        match response.and_then(|response| self.within_limit(response)) {
            // What goes wrong inside a tool is its result, for the model to read.
            Err(Fault::Failed { reason }) if self.kind.is_tool() => {
                Ok(self.tool(Outcome::Failure, Content::Text(&reason)))
            }
            response => response,
        }
    }

    /// Writes the response of a function that did what it was asked to.
    fn success(&self, body: &ResultBody) -> Result<Response, ContentError> {
        let (value, features) = (bytes(body), revision_features(self.head.revision));
        Ok(match self.kind {
            ResultKind::Tool(returns) => match form(*returns) {
                None => self.tool(Outcome::Success, content_of(body)),
                Some(form) => {
                    let said = content::blocks(value, form, features)?;
                    let structured = said.structured.as_deref();
                    self.tool(Outcome::Success, Content::Blocks { blocks: &said.blocks, structured })
                }
            },
            ResultKind::DynamicTool(_) => self.dynamic_tool(&content::tool_result(value, features)?),
            ResultKind::Prompt | ResultKind::DynamicPrompt(_) => {
                let prompt = content::prompt_messages(value, features)?;
                let description = prompt.description.as_deref();
                Response::success(self.renderer.get_prompt(self.head, description, &prompt.messages))
            }
            ResultKind::Resource { widest, .. } => {
                let reading = content::reading(value)?;
                let freshness = reading.freshness.unwrap_or(STALE).within(*widest);
                Response::success(self.renderer.read_resource(self.head, &reading.contents, freshness))
            }
        })
    }

    /// Writes the response of a function that returned its `err`, or refuses the request.
    fn failure(
        &self,
        body: &ResultBody,
        denied: Option<&Denial>,
    ) -> Result<Result<Response, Fault>, ContentError> {
        let value = bytes(body);
        Ok(Err(match (self.kind, denied) {
            // A denied tool often says something else than what is wrong: the client is told both.
            (ResultKind::Tool(_), Some(denial)) => Fault::Failed { reason: both(body, denial) },
            (ResultKind::Tool(_), None) => return Ok(Ok(self.tool(Outcome::Failure, content_of(body)))),
            (ResultKind::DynamicTool(name), _) => Fault::unknown_tool(name),
            (ResultKind::Prompt, _) => Fault::Failed { reason: text(body) },
            (ResultKind::DynamicPrompt(name), _) => match content::get_error(value)? {
                GetError::NotFound => Fault::unknown_prompt(name),
                GetError::InvalidArguments(reason) => ParamsError::Plugin { reason }.into(),
                GetError::Failed(reason) => Fault::Failed { reason },
            },
            (ResultKind::Resource { uri, .. }, _) => match content::read_error(value)? {
                ReadError::NotFound => Fault::ResourceNotFound { uri: uri.clone() },
                ReadError::Failed(reason) => Fault::Failed { reason },
            },
        }))
    }

    /// Refuses a response that is larger than the call may send: content can say in words what it also says in data,
    /// and a stream escapes line ends.
    fn within_limit(&self, response: Response) -> Result<Response, Fault> {
        let limit = self.limit_bytes;
        let sent = response.json.len() + sse::escape_bytes(&response.json);
        if sent <= limit.saturating_add(FRAME_BYTES) {
            return Ok(response);
        }
        tracing::warn!(plugin = self.plugin, limit, "the result is too large to be sent");
        Err(Fault::Failed { reason: format!("the result is larger than {limit} bytes") })
    }

    fn tool(&self, outcome: Outcome, content: Content<'_>) -> Response {
        self.call_tool(&CallToolResult { outcome, content, meta: None, challenge: None })
    }

    fn dynamic_tool(&self, result: &content::ToolResult) -> Response {
        let outcome = if result.is_error { Outcome::Failure } else { Outcome::Success };
        let content = Content::Blocks { blocks: &result.blocks, structured: result.structured.as_deref() };
        let meta = result.meta.as_deref();
        self.call_tool(&CallToolResult { outcome, content, meta, challenge: None })
    }

    fn call_tool(&self, result: &CallToolResult<'_>) -> Response {
        Response { json: self.renderer.call_tool(self.head, result), outcome: result.outcome }
    }
}

impl ResultKind {
    /// Tells whether it is the result of `tools/call`.
    fn is_tool(&self) -> bool {
        matches!(self, Self::Tool(_) | Self::DynamicTool(_))
    }
}

/// Refuses a request whose function returned nothing.
fn refused(client: &ClientOutcome<'_>) -> Fault {
    match client {
        ClientOutcome::Refused(fault) => fault.clone(),
        ClientOutcome::Failed(text) => Fault::Failed { reason: text.clone() },
        // A server that cannot seal a state cannot ask.
        ClientOutcome::Asks(_) | ClientOutcome::Returned(_) | ClientOutcome::Error { .. } => Fault::Internal,
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

/// Returns the value as the function wrote it: JSON, or text where it is text.
fn bytes(body: &ResultBody) -> &[u8] {
    match body {
        ResultBody::Json(json) => json,
        ResultBody::Text(text) => text.as_bytes(),
        ResultBody::Empty => b"null",
    }
}

/// Returns the text of an error.
fn text(body: &ResultBody) -> String {
    String::from_utf8_lossy(bytes(body)).into_owned()
}

fn both(body: &ResultBody, denial: &Denial) -> String {
    match body {
        ResultBody::Empty => denial.to_string(),
        body => format!("{}\n{denial}", text(body)),
    }
}

fn content_of(body: &ResultBody) -> Content<'_> {
    match body {
        ResultBody::Empty => Content::Empty,
        ResultBody::Text(text) => Content::Text(text),
        ResultBody::Json(json) => Content::Json(json),
    }
}
